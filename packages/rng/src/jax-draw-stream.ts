// Seeding mode jax_fold_in: draw programs served by a JAX key, which is split before every draw (`key, sub = split(key)`).
import type { DrawStream } from './draw-stream.ts';
import { bits, type JaxKey, randint, split, uniform } from './jax-random.ts';
import { UniformDrawsOnly } from './uniform-draws-only.ts';

/** Refuses beta, normal and permutation, as torch_rng does, with DrawNotServedError. */
export class JaxDrawStream extends UniformDrawsOnly implements DrawStream {
  protected readonly mode = 'jax_fold_in';

  #key: JaxKey;

  constructor(key: JaxKey) {
    super();
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
}
