// The GPUs that this process may use: those nvidia-smi lists, less those CUDA_VISIBLE_DEVICES hides.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface Gpu {
  /** as nvidia-smi numbers it; null for a slice of a GPU (MIG) */
  readonly index: number | null;
  /** `GPU-…` or `MIG-…`: CUDA_VISIBLE_DEVICES takes it, whatever order CUDA numbers GPUs in */
  readonly id: string;
  readonly model: string;
  /** null for a slice */
  readonly memoryBytes: number | null;
}

/** No NVIDIA GPU can be used, and why. */
export class NoGpuError extends Error {
  override readonly name = 'NoGpuError';
  constructor(readonly reason: string) {
    super(`no GPU can be used: ${reason}`);
  }
}

const QUERY = ['--query-gpu=index,uuid,name,memory.total', '--format=csv,noheader,nounits'] as const;
/** A driver that hangs answers nobody. */
const LIMIT_MILLISECONDS = 30_000;

async function queryDriver(env: NodeJS.ProcessEnv): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('nvidia-smi', QUERY, { env, timeout: LIMIT_MILLISECONDS });
    return stdout;
  } catch (error) {
    const { code, stdout, stderr, message } = error as { code?: unknown; stdout?: string; stderr?: string } & Error;
    if (code === 'ENOENT')
      throw new NoGpuError(
        'there is no nvidia-smi on PATH: the driver of NVIDIA is not installed, or this container was not given a GPU',
      );
    // It writes its errors to standard output.
    const said = `${stdout ?? ''}\n${stderr ?? ''}`.split('\n').find((line) => line.trim() !== '') ?? message;
    throw new NoGpuError(`nvidia-smi failed: ${said.trim()}`);
  }
}

function parseLine(line: string): Gpu {
  const [index, id, ...rest] = line.split(',').map((field) => field.trim());
  const mebibytes = Number(rest.at(-1));
  const memoryBytes = Number.isFinite(mebibytes) ? mebibytes * 2 ** 20 : null;
  return { index: Number(index), id: id ?? '', model: rest.slice(0, -1).join(', '), memoryBytes };
}

/** As CUDA reads the variable (CUDA C++ Programming Guide): numbers or starts of ids, up to the first that names nothing. */
function visibleOf(gpus: readonly Gpu[], visible: string): Gpu[] {
  const chosen: Gpu[] = [];
  for (const entry of visible.split(',').map((one) => one.trim())) {
    const slice = entry.startsWith('MIG-')
      ? { index: null, id: entry, model: 'MIG slice', memoryBytes: null }
      : undefined;
    const numbered = /^\d+$/.test(entry) ? gpus.find((gpu) => gpu.index === Number(entry)) : undefined;
    const named = entry.startsWith('GPU-') ? gpus.find((gpu) => gpu.id.startsWith(entry)) : undefined;
    const gpu = slice ?? numbered ?? named;
    if (gpu === undefined || chosen.some(({ id }) => id === gpu.id)) break;
    chosen.push(gpu);
  }
  return chosen;
}

/**
 * At least one.
 * @param env PATH for nvidia-smi, and CUDA_VISIBLE_DEVICES
 * @throws NoGpuError
 */
export async function listGpus(env: NodeJS.ProcessEnv = process.env): Promise<Gpu[]> {
  const lines = (await queryDriver(env)).split('\n').filter((line) => /^\d+\s*,/.test(line.trim()));
  const gpus = lines.map((line) => parseLine(line.trim()));
  if (gpus.length === 0) throw new NoGpuError('nvidia-smi lists none');
  const visible = env['CUDA_VISIBLE_DEVICES'];
  if (visible === undefined) return gpus;
  const chosen = visibleOf(gpus, visible);
  if (chosen.length === 0)
    throw new NoGpuError(
      `CUDA_VISIBLE_DEVICES is "${visible}" and names none of ${gpus.map(({ id }) => id).join(', ')}`,
    );
  return chosen;
}
