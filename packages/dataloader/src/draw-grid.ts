// Which draw block stands at which position of which epoch: what a picture of the draws is made from.
import { checkWhole, type LoaderOptions } from './loader-options.ts';
import { createSampleSource } from './sample-source.ts';

/** More cells than this would be thinner than a pixel. */
export const SHOWN_POSITIONS = 1024;
export const SHOWN_EPOCHS = 100;

export interface DrawGrid {
  /** By epoch, then by position in the epoch: equal for equal draw blocks. Rows may differ in length. */
  readonly blocks: readonly (readonly string[])[];
  /** What the grid was cut down from. */
  readonly epochs: number;
  readonly positions: number;
}

/**
 * The draws per sample of a run that `createLoader` would feed, those per batch if it makes no others.
 * @throws as createLoader does
 */
export function gridOfLoader(options: LoaderOptions<unknown>, epochs: number): DrawGrid {
  checkWhole('epochs', epochs, 1, 0x7ffffffe);
  const source = createSampleSource(options);
  const name = new Uint32Array(4);
  const blocks = Array.from({ length: Math.min(epochs, SHOWN_EPOCHS) }, (_, epoch) => {
    const row: string[] = [];
    const { batches, draws } = source.openEpoch(epoch);
    for (const batch of batches) {
      const first = row.length;
      batch.indices.forEach((_index, position) => {
        draws.sample(batch, position);
        draws.nameSample(batch, position, name);
        row.push(name.join());
      });
      if (draws.batch(batch) === undefined) continue;
      draws.nameBatch(batch, name);
      // Without draws of its own, a sample's name is only the place that the stream had reached before it.
      for (let at = first; at < row.length; at++) row[at] = name.join();
    }
    draws.finish();
    return row.slice(0, SHOWN_POSITIONS);
  });
  return { blocks, epochs, positions: source.samplesPerEpoch };
}
