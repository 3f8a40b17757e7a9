// What the draw streams of torch, Python and JAX refuse by name: draws that their augmentations never made.
import { DrawNotServedError } from './errors.ts';

export abstract class UniformDrawsOnly {
  protected abstract readonly mode: DrawNotServedError['mode'];

  /** @throws DrawNotServedError always, as do the others */
  permutation(): never {
    throw new DrawNotServedError(this.mode, 'permutation');
  }

  beta(): never {
    throw new DrawNotServedError(this.mode, 'beta');
  }

  standardNormal(): never {
    throw new DrawNotServedError(this.mode, 'standardNormal');
  }

  normal(): never {
    throw new DrawNotServedError(this.mode, 'normal');
  }
}
