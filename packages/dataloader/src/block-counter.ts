// Counts the draw blocks of one level, samples or batches, as they are drawn: how often and how soon each comes again.
import { type FingerprintCount, FingerprintStore } from './fingerprint-store.ts';
import { FingerprintTable } from './fingerprint-table.ts';

const NAME_WORDS = 4;

export interface BlockCounterSizes {
  /** Draws of an epoch, and of all epochs. */
  readonly usesPerEpoch: number;
  readonly uses: number;
  /** Batches in a window; 1 or less: only the batch itself. */
  readonly window: number;
  /** Places whose draws are compared from epoch to epoch: samples with their copies, or batches. */
  readonly places: number;
}

/** Where a block is used. */
export interface BlockUse {
  readonly epoch: number;
  readonly batch: number;
}

export class BlockCounter {
  readonly #window: number;
  readonly #ofRun: FingerprintStore;
  /** The batch that used each block of the epoch last. */
  readonly #ofEpoch: FingerprintTable;
  #epoch = 0;
  readonly #distinctPerEpoch: number[] = [];
  /** The name that each place drew last, and in which epoch (+ 1; 0 = never). */
  readonly #lastNames: Uint32Array;
  readonly #lastEpochs: Int32Array;
  /** Uses of blocks that were used before in their epoch's last `window` batches, their own included. */
  usedInWindow = 0;
  /** Uses by a place that drew in the epoch before too, and how many of them drew the same. */
  comparedWithPreviousEpoch = 0;
  sameAsPreviousEpoch = 0;
  uses = 0;

  constructor({ usesPerEpoch, uses, window, places }: BlockCounterSizes) {
    this.#window = Math.max(1, window);
    this.#ofRun = new FingerprintStore(uses);
    this.#ofEpoch = new FingerprintTable(usesPerEpoch);
    this.#lastNames = new Uint32Array(NAME_WORDS * places);
    this.#lastEpochs = new Int32Array(places);
  }

  /** Distinct blocks of the epochs that are complete, and of the one under way. */
  get distinctPerEpoch(): readonly number[] {
    return [...this.#distinctPerEpoch, this.#ofEpoch.size];
  }

  ofRun(): FingerprintCount {
    return this.#ofRun.count();
  }

  /** Epochs in turn from 0, batches in turn. @param name four words that identify the block */
  add({ epoch, batch }: BlockUse, place: number, name: Uint32Array): void {
    if (epoch !== this.#epoch) {
      this.#distinctPerEpoch.push(this.#ofEpoch.size);
      this.#ofEpoch.clear();
      this.#epoch = epoch;
    }
    const last = this.#ofEpoch.exchange(name, 0, batch);
    if (last >= 0 && batch - last < this.#window) this.usedInWindow++;
    this.#ofRun.add(name);
    this.#compare(epoch, place, name);
    this.uses++;
  }

  #compare(epoch: number, place: number, name: Uint32Array): void {
    const names = this.#lastNames;
    const at = NAME_WORDS * place;
    if (epoch > 0 && this.#lastEpochs[place] === epoch) {
      this.comparedWithPreviousEpoch++;
      let same = true;
      for (let i = 0; i < NAME_WORDS; i++) same &&= names[at + i] === name[i];
      if (same) this.sameAsPreviousEpoch++;
    }
    for (let i = 0; i < NAME_WORDS; i++) names[at + i] = name[i];
    this.#lastEpochs[place] = epoch + 1;
  }
}
