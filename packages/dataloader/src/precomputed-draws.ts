// main_precomputed: the parent draws the options of all samples before an epoch (cifar10-fast, Rice et al. 2020).
import type { WordDrawStream } from '@reseed/rng';
import type { Batch } from './batches.ts';
import type { EpochDraws } from './epoch-draws.ts';
import type { ChoiceDraws } from './loader-options.ts';

const NAME_WORDS = 4;

/** Sizes of the table: copy c of image i has entry c·images + i. */
export interface TableSize {
  readonly images: number;
  readonly copies: number;
}

/** `randint(0, counts[k], entries)` for each k in turn; calls `seen` after each draw. */
function drawTable(
  stream: WordDrawStream,
  counts: readonly number[],
  { images, copies }: TableSize,
  seen: (option: number, entry: number, value: number) => void,
): void {
  const entries = images * copies;
  counts.forEach((count, option) => {
    for (let entry = 0; entry < entries; entry++) seen(option, entry, stream.randint(0, count));
  });
}

/** Takes from the stream what an epoch's table takes. */
export function skipTable(stream: WordDrawStream, counts: readonly number[], size: TableSize): void {
  drawTable(stream, counts, size, () => {});
}

/** An entry is named by the words that follow its first real choice. */
export function precomputedDraws<P, B>(
  stream: WordDrawStream,
  { counts, parametersOf }: ChoiceDraws<P>,
  size: TableSize,
): EpochDraws<P, B> {
  const entries = size.images * size.copies;
  const chosen = counts.map(() => new Uint32Array(entries));
  const names = new Uint32Array(NAME_WORDS * entries);
  const naming = counts.findIndex((count) => count > 1);
  const ahead = new Uint32Array(NAME_WORDS);
  drawTable(stream, counts, size, (option, entry, value) => {
    chosen[option][entry] = value;
    if (option !== naming) return;
    stream.peek(ahead);
    names.set(ahead, NAME_WORDS * entry);
  });
  const entryOf = ({ indices }: Batch, position: number) => (position % size.copies) * size.images + indices[position];
  return {
    nameSample(batch, position, out) {
      const at = NAME_WORDS * entryOf(batch, position);
      for (let i = 0; i < NAME_WORDS; i++) out[i] = names[at + i];
    },
    sample(batch, position) {
      const entry = entryOf(batch, position);
      return parametersOf(chosen.map((values) => values[entry]));
    },
    nameBatch: () => {},
    batch: () => undefined,
    finish: () => {},
  };
}
