// The ways in which a stream can be asked for something that no real generator would give.

/** A seed or stream word outside what the generator accepts (NumPy raises ValueError there). */
export class SeedOutOfRangeError extends RangeError {
  override readonly name = 'SeedOutOfRangeError';
  constructor(
    readonly field: string,
    readonly value: number | bigint,
    readonly limit: number | bigint | string,
  ) {
    super(`${field} is ${value}; it must be a whole number from 0 to ${limit}`);
  }
}

/** An array seed without a word (NumPy: "Seed must be non-empty"). */
export class SeedEmptyError extends RangeError {
  override readonly name = 'SeedEmptyError';
  constructor(readonly field: string) {
    super(`${field} has no words; it must hold at least one`);
  }
}

/** A draw from a range that holds no value, or bounds that a double cannot count exactly. */
export class DrawRangeError extends RangeError {
  override readonly name = 'DrawRangeError';
  constructor(
    readonly method: string,
    readonly low: number | bigint,
    readonly high: number | bigint,
    readonly limit: number | bigint | string,
  ) {
    super(`${method}: range [${low}, ${high}) must be whole numbers with at least 1 and at most ${limit} values`);
  }
}

/** A saved state that is not a Mersenne Twister state. */
export class GeneratorStateError extends RangeError {
  override readonly name = 'GeneratorStateError';
  constructor(
    readonly field: string,
    readonly value: number,
    readonly limit: string,
  ) {
    super(`generator state: ${field} is ${value}; it must be ${limit}`);
  }
}

/** A parameter of a distribution or of an array form outside what it is defined for (NumPy and torch: ValueError, RuntimeError). */
export class ParameterOutOfRangeError extends RangeError {
  override readonly name = 'ParameterOutOfRangeError';
  constructor(
    readonly method: string,
    readonly field: string,
    readonly value: number,
    readonly limit: string,
  ) {
    super(`${method}: ${field} is ${value}; it must be ${limit}`);
  }
}

/** A bound of randint that its dtype cannot hold (NumPy: "high is out of bounds for uint8"). */
export class DtypeBoundsError extends RangeError {
  override readonly name = 'DtypeBoundsError';
  constructor(
    readonly dtype: string,
    readonly field: 'low' | 'high',
    readonly value: number | bigint,
    readonly limit: number | bigint,
  ) {
    super(
      `randint: ${field} is ${value}, out of bounds for ${dtype}; at ${field === 'low' ? 'least' : 'most'} ${limit}`,
    );
  }
}

/** More values asked for without replacement than there are (NumPy: "Cannot take a larger sample than population"). */
export class SampleTooLargeError extends RangeError {
  override readonly name = 'SampleTooLargeError';
  constructor(
    readonly method: string,
    readonly size: number,
    readonly population: number,
  ) {
    super(`${method}: cannot take ${size} different values out of ${population}`);
  }
}

/** A draw that a seeding mode's generator does not serve, because the augmentations of that mode never used it. */
export class DrawNotServedError extends TypeError {
  override readonly name = 'DrawNotServedError';
  constructor(
    readonly mode: 'torch_rng' | 'python_rng' | 'jax_fold_in',
    readonly draw: 'beta' | 'standardNormal' | 'normal' | 'permutation',
  ) {
    super(`seeding mode ${mode} does not serve the draw ${draw}; choose a mode whose stream is a NumPy RandomState`);
  }
}
