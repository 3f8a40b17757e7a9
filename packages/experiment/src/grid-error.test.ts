// Suggestions for misspelt names.
import { describe, expect, it } from 'vitest';
import { GridError, nearestName, unknownName } from './grid-error.ts';
import { AXES } from './parameters.ts';

describe('the nearest name', () => {
  it.each([...AXES.keys()])('of %s with one letter wrong, left out, added or two swapped is found', (path) => {
    const others = [...AXES.keys()].filter((other) => other !== path);
    const k = Math.floor(path.length / 2) - 1;
    const misspelt = [
      `${path.slice(0, k)}~${path.slice(k + 1)}`,
      path.slice(0, k) + path.slice(k + 1),
      `${path.slice(0, k)}~${path.slice(k)}`,
      path.slice(0, k) + path[k + 1] + path[k] + path.slice(k + 2),
      path.toUpperCase(),
    ];
    for (const name of misspelt) expect(nearestName(name, [...others, path])).toBe(path);
  });

  it.each([
    ['epsilon', 'attack.epsilon'],
    ['learningrate', 'optimizer.learningRate'],
    ['momemtum', 'optimizer.momentum'],
    ['seed_mode', 'seedingMode'],
  ])('of %s is %s, by its last part or with a third of it wrong', (name, expected) => {
    expect(nearestName(name, AXES.keys())).toBe(expected);
  });

  it.each(['colour', 'x', 'temperature', ''])('of %s is none', (name) => {
    expect(nearestName(name, AXES.keys())).toBeUndefined();
  });

  it('is the first of several that are as close', () => {
    expect(nearestName('cut', ['cup', 'cat', 'coat'])).toBe('cup');
    expect(nearestName('cut', [])).toBeUndefined();
  });

  it('stands in the message, or else all that is known', () => {
    expect(unknownName('base.epoch', 'epoch', ['epochs', 'model'])).toEqual({
      field: 'base.epoch',
      message: 'unknown name "epoch"; did you mean "epochs"?',
      nearest: 'epochs',
    });
    expect(unknownName('base.colour', 'colour', ['epochs', 'model'])).toEqual({
      field: 'base.colour',
      message: 'unknown name "colour"; known: epochs, model',
    });
  });
});

it('a GridError says every issue in its message and keeps them as data', () => {
  const issues = [
    { field: 'name', message: 'must be a string, it is missing' },
    { field: 'base.epochs', message: 'must be at least 1, got 0', value: 0 },
  ];
  const error = new GridError(issues);
  expect(error.issues).toEqual(issues);
  expect(error.name).toBe('GridError');
  expect(error.message).toBe('name: must be a string, it is missing; base.epochs: must be at least 1, got 0');
});
