// The check that NumPy makes of scales and deviations.
import { ParameterOutOfRangeError } from './errors.ts';

/**
 * A scale as NumPy checks it: not negative, −0 included; NaN passes and gives NaN.
 * @throws ParameterOutOfRangeError
 */
export function checkNotNegative(method: string, field: string, value: number): void {
  if (value < 0 || Object.is(value, -0)) throw new ParameterOutOfRangeError(method, field, value, '0 or more');
}
