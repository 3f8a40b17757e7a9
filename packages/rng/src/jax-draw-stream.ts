// Seeding mode jax_fold_in: draw programs served by a JAX key, which is split before every draw (`key, sub = split(key)`).
import type { DrawStream } from './draw-stream.ts';
import { DrawNotServedError } from './errors.ts';
import { bits, type JaxKey, randint, split, uniform } from './jax-random.ts';

/** Refuses beta, normal and permutation, as torch_rng does, with DrawNotServedError. */
export class JaxDrawStream implements DrawStream {
  #key: JaxKey;

  constructor(key: JaxKey) {
    this.#key = key;
  }

  #next(): JaxKey {
    const [key, sub] = split(this.#key);
    this.#key = key;
    return sub;
  }

  /** `jax.random.bits(sub)`. */
  nextUint32(): number {
    return bits(this.#next(), 1)[0];
  }

  /** `jax.random.randint(sub, (), low, high)` in int32. @throws DrawRangeError outside int32. */
  randint(low: number, high: number): number {
    return randint(this.#next(), 1, low, high)[0];
  }

  /** `jax.random.uniform(sub)` in float32. */
  randomSample(): number {
    return uniform(this.#next(), 1)[0];
  }

  /** `jax.random.uniform(sub, (), float32, low, high)`. */
  uniform(low: number, high: number): number {
    return uniform(this.#next(), 1, { low, high })[0];
  }

  permutation(): never {
    throw new DrawNotServedError('jax_fold_in', 'permutation');
  }

  beta(): never {
    throw new DrawNotServedError('jax_fold_in', 'beta');
  }

  standardNormal(): never {
    throw new DrawNotServedError('jax_fold_in', 'standardNormal');
  }

  normal(): never {
    throw new DrawNotServedError('jax_fold_in', 'normal');
  }
}
