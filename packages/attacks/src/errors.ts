// The ways in which an attack can be asked for something that it is not defined for.

/** A loss that compares more logits than the model has. */
export class TooFewClassesError extends RangeError {
  override readonly name = 'TooFewClassesError';
  constructor(
    readonly loss: string,
    readonly classes: number,
    readonly fewest: number,
  ) {
    super(`the loss ${loss} needs at least ${fewest} classes; the model has ${classes}`);
  }
}

/** Labels that are no single class where one true class is needed: margins, and every count of robust images. */
export class SoftLabelsError extends TypeError {
  override readonly name = 'SoftLabelsError';
  constructor(readonly image: number) {
    super(`the label of image ${image} is not exactly one class; this needs one true class per image`);
  }
}

/** Labels that do not fit the images or the model. */
export class LabelMismatchError extends RangeError {
  override readonly name = 'LabelMismatchError';
  constructor(
    readonly field: string,
    readonly value: number,
    readonly expected: string,
  ) {
    super(`labels: ${field} is ${value}; it must be ${expected}`);
  }
}

/** A name that no attack of the registry has. */
export class UnknownAttackError extends RangeError {
  override readonly name = 'UnknownAttackError';
  constructor(
    readonly attack: string,
    readonly known: readonly string[],
  ) {
    super(`no attack is called ${attack}; there are ${known.join(', ')}`);
  }
}

/** A parameter that the attack does not have. */
export class UnknownParameterError extends RangeError {
  override readonly name = 'UnknownParameterError';
  constructor(
    readonly attack: string,
    readonly parameter: string,
    readonly known: readonly string[],
  ) {
    super(`${attack} has no parameter ${parameter}; it has ${known.join(', ')}`);
  }
}

/** A parameter of an attack outside what it is defined for. */
export class AttackParameterError extends RangeError {
  override readonly name = 'AttackParameterError';
  constructor(
    readonly attack: string,
    readonly parameter: string,
    readonly value: number | string,
    readonly allowed: string,
  ) {
    super(`${attack}: ${parameter} is ${value}; it must be ${allowed}`);
  }
}
