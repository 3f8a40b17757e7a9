// The ways in which a recorded trace can be unreadable.

/** One line that is not what the format asks for. Nothing of the trace is audited then. */
export class TraceLineError extends Error {
  override readonly name = 'TraceLineError';
  /**
   * @param line counted from 1, blank lines included
   * @param field the key at fault, with the place inside it, e.g. `draws[2]`; `line` for the line as a whole
   * @param value what was found, shortened
   * @param allowed what the field may hold
   */
  constructor(
    readonly line: number,
    readonly field: string,
    readonly value: string,
    readonly allowed: string,
  ) {
    super(`line ${line}, ${field}: found ${value}; allowed is ${allowed}`);
  }
}

/** A trace without a single line that is not blank. */
export class TraceEmptyError extends Error {
  override readonly name = 'TraceEmptyError';
  constructor() {
    super('the trace holds no line; it must hold one JSON object per loaded sample');
  }
}
