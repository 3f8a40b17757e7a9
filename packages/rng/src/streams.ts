// The named streams of a run, each derived by SeedSequence from (seed, purpose, …) so that NumPy can recreate any of them.
import { SeedOutOfRangeError } from './errors.ts';
import { NumpyRandomState } from './numpy-random-state.ts';
import { seedWords } from './seed-sequence.ts';
import { TorchGenerator } from './torch-generator.ts';

/** Purpose words. The high bit keeps them apart from epochs and indices, with which augmentation streams are derived. */
export const STREAM_TAGS = {
  init: 0x80000001,
  order: 0x80000002,
  attack: 0x80000004,
  evaluation: 0x80000005,
  dropout: 0x80000006,
} as const;

/** @throws SeedOutOfRangeError for a word that is not a whole number 0…2^32−1. */
function checkedSeedWords(words: Readonly<Record<string, number>>): Uint32Array {
  for (const [field, value] of Object.entries(words)) {
    if (value >>> 0 !== value) throw new SeedOutOfRangeError(field, value, 0xffffffff);
  }
  return seedWords(Object.values(words));
}

/** T32(w…): the torch generator seeded by the first word of SS(w…). */
function torchStream(words: Readonly<Record<string, number>>): TorchGenerator {
  return new TorchGenerator(checkedSeedWords(words)[0]);
}

/** The stream that initialises trainable tensor `parameterIndex`, counted in state_dict order. */
export function initStream(seed: number, parameterIndex: number): NumpyRandomState {
  return new NumpyRandomState(checkedSeedWords({ seed, tag: STREAM_TAGS.init, parameterIndex }));
}

/** The stream of epoch `epoch`'s sample order: `randperm(N)` is the decoupled order. */
export function orderStream(seed: number, epoch: number): TorchGenerator {
  return torchStream({ seed, tag: STREAM_TAGS.order, epoch });
}

/** The stream of the attack's random start on one training batch; `replay` counts Free-AT replays, else 0. */
export function attackStream(seed: number, epoch: number, batch: number, replay: number): TorchGenerator {
  return torchStream({ seed, tag: STREAM_TAGS.attack, epoch, batch, replay });
}

/** The stream of a normal start of the attack on one training batch (TRADES, MART, L2): NP(SS(S, ATTACK, e, b, r)). */
export function attackNormalStream(seed: number, epoch: number, batch: number, replay: number): NumpyRandomState {
  return new NumpyRandomState(checkedSeedWords({ seed, tag: STREAM_TAGS.attack, epoch, batch, replay }));
}

/** The stream of the attack's random start on one test image: the same at every epoch and in any batch. */
export function evaluationStream(seed: number, restart: number, image: number): TorchGenerator {
  return torchStream({ seed, tag: STREAM_TAGS.evaluation, restart, image });
}

/** The stream of the masks of dropout layer `layer`, counted from 0, in all passes over one training batch. */
export function dropoutStream(seed: number, epoch: number, batch: number, layer: number): TorchGenerator {
  return torchStream({ seed, tag: STREAM_TAGS.dropout, epoch, batch, layer });
}

/** The order in which a dataset of `total` training images is split: validation first, then training. Not tied to a run's seed. */
export function splitPermutation(total: number, splitSeed = 0): Int32Array {
  return new NumpyRandomState(splitSeed).permutation(total);
}

/** `count` seeds far apart: S_k = SS(master, k)[0]. Neighbouring seeds would share streams in const_worker and blog modes. */
export function spreadSeeds({ count, master }: { readonly count: number; readonly master: number }): number[] {
  return Array.from({ length: count }, (_, k) => checkedSeedWords({ master, k })[0]);
}
