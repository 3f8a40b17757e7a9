// Reads the values of flags that several commands have.
import { InvalidArgumentError } from 'commander';

/** The parser of an argument from `min` to `max`. */
export const wholeNumber = (min: number, max: number) => (text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max)
    throw new InvalidArgumentError(`must be a whole number from ${min} to ${max}.`);
  return value;
};

/** `0.1` or `8/255`, as papers write a pixel value. */
export function fraction(text: string): number {
  const match = /^(\d+\.?\d*(?:e-?\d+)?|\.\d+)(?:\s*\/\s*(\d+\.?\d*))?$/i.exec(text.trim());
  const value = Number(match?.[1]) / Number(match?.[2] ?? 1);
  if (!Number.isFinite(value)) throw new InvalidArgumentError('must be a number, or a fraction such as 8/255.');
  return value;
}
