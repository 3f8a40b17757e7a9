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
    readonly limit: number | bigint,
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
