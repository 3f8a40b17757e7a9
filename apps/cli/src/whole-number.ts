// Reads a whole number from the command line.
import { InvalidArgumentError } from 'commander';

/** The parser of an argument from `min` to `max`. */
export const wholeNumber = (min: number, max: number) => (text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max)
    throw new InvalidArgumentError(`must be a whole number from ${min} to ${max}.`);
  return value;
};
