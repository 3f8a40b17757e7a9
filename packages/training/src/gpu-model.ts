// The model of the GPU that computes, as the Linux driver names it: kernels, and so bits, differ between models.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A folder for each GPU, named after its place on the bus. */
const DRIVER_FOLDER = '/proc/driver/nvidia/gpus';

/**
 * The first GPU that CUDA shows this process, in the order of their places (CUDA_DEVICE_ORDER=PCI_BUS_ID).
 * @param visible CUDA_VISIBLE_DEVICES: numbers or starts of ids (`GPU-…`), by commas
 * @returns `gpu` where the driver tells nothing
 */
export function gpuModel(visible = process.env['CUDA_VISIBLE_DEVICES'], folder = DRIVER_FOLDER): string {
  try {
    const gpus = readdirSync(folder).sort();
    const facts = gpus.map((name) => readFileSync(join(folder, name, 'information'), 'utf8'));
    const [first = ''] = (visible ?? '').split(',');
    const field = (text: string, name: string) => new RegExp(`^${name}:\\s*(.+)$`, 'm').exec(text)?.[1]?.trim();
    // A slice of a GPU: the driver does not say of which, so it is a device of its own.
    if (first.startsWith('MIG-')) return first;
    const byId = facts.find((text) => first !== '' && field(text, 'GPU UUID')?.startsWith(first));
    // A container may be shown fewer GPUs here than numbers exist.
    const chosen = byId ?? facts[/^\d+$/.test(first) ? Number(first) : 0] ?? facts[0];
    return field(chosen, 'Model') ?? 'gpu';
  } catch {
    return 'gpu';
  }
}
