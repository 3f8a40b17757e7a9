// A result as one JSON document on standard output.

/** `line` for programs, `indented` for people. */
export const printJson = (value: unknown, layout: 'line' | 'indented'): void =>
  console.log(JSON.stringify(value, undefined, layout === 'line' ? undefined : 2));
