// The errors a statistic can raise, one class per situation, with the facts as fields.

/** A number handed to a statistic lies outside the range on which it is defined. */
export class OutOfRangeError extends Error {
  override readonly name = 'OutOfRangeError';
  readonly field: string;
  readonly value: number;
  readonly limit: string;

  constructor(field: string, value: number, limit: string) {
    super(`${field} is ${value}, but must be ${limit}`);
    this.field = field;
    this.value = value;
    this.limit = limit;
  }
}

/** A statistic got fewer values than it needs. */
export class TooFewValuesError extends Error {
  override readonly name = 'TooFewValuesError';
  readonly field: string;
  readonly count: number;
  readonly minimum: number;

  constructor(field: string, count: number, minimum: number) {
    super(`${field} has ${count} values, but needs at least ${minimum}`);
    this.field = field;
    this.count = count;
    this.minimum = minimum;
  }
}

/** The same seed stands twice in one comparison, so its pair is ambiguous. */
export class DuplicateSeedError extends Error {
  override readonly name = 'DuplicateSeedError';
  readonly comparison: string;
  readonly seed: number;

  constructor(comparison: string, seed: number) {
    super(`comparison ${comparison}: pairs has the seed ${seed} twice, but a seed may stand once`);
    this.comparison = comparison;
    this.seed = seed;
  }
}

/** The same id stands twice in one family of comparisons. */
export class DuplicateComparisonError extends Error {
  override readonly name = 'DuplicateComparisonError';
  readonly comparison: string;

  constructor(comparison: string) {
    super(`id ${comparison} stands twice in the family, but a comparison may stand once`);
    this.comparison = comparison;
  }
}
