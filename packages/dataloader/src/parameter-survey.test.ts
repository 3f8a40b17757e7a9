// Which images the survey of parameters covers, and what it counts.
import { expect, it } from 'vitest';
import { ParameterSurvey } from './parameter-survey.ts';

const covered = (sampleCount: number): number[] => {
  const survey = new ParameterSurvey(sampleCount);
  return Array.from({ length: sampleCount }, (_, index) => index).filter((index) => survey.covers(index));
};

it('covers all images of a small dataset, and a thousand that lie evenly in a large one', () => {
  expect(covered(3)).toEqual([0, 1, 2]);
  expect(covered(1000)).toHaveLength(1000);
  expect(covered(5000)).toEqual(Array.from({ length: 1000 }, (_, k) => 5 * k));
  const uneven = covered(2500);
  expect(uneven).toHaveLength(1000);
  expect(uneven.slice(0, 5)).toEqual([0, 2, 5, 7, 10]);
});

it('counts equal parameters once, whatever object holds them, and leaves images out that were never served', () => {
  const survey = new ParameterSurvey(10);
  for (const parameters of [
    [1, 2],
    [1, 2],
    [2, 1],
  ])
    survey.record(0, parameters);
  survey.record(7, { dy: 0 });
  expect(survey.images).toBe(2);
  expect(survey.meanDistinct()).toBe(1.5);
});
