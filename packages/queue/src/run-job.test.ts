// Job ids and priorities: what BullMQ is told of a run.
import { describe, expect, it } from 'vitest';
import { bullPriority, JobIdError, jobId, parseJobId, queueName } from './run-job.ts';

const runId = '0197a3c2-5b1e-7c44-9d0f-0123456789ab';

describe('a job id', () => {
  it('is the run id and the attempt to come', () => {
    expect(jobId({ runId, attempt: 12 })).toBe(`${runId}-12`);
    expect(parseJobId(`${runId}-12`)).toEqual({ runId, attempt: 12 });
  });

  it.each([
    '',
    'run',
    runId,
    `${runId}-`,
    `${runId}-1x`,
    `${runId}--1`,
    `x${runId}-1`,
    `${runId.toUpperCase()}-1`,
    '7',
  ])('is not %j', (id) => {
    expect(() => parseJobId(id)).toThrow(expect.objectContaining({ name: 'JobIdError', jobId: id }));
    expect(() => parseJobId(id)).toThrow(JobIdError);
  });
});

describe('a priority', () => {
  it('is larger first for us, smaller first for BullMQ, and never 0, which BullMQ serves before all others', () => {
    const ours = [1000, 999, 1, 0, -1, -1000];
    const theirs = ours.map(bullPriority);
    expect(theirs).toEqual(theirs.toSorted((a, b) => a - b));
    expect(new Set(theirs).size).toBe(ours.length);
    expect(theirs[0]).toBe(1);
  });

  it('is one that BullMQ takes, whole and at most 2^21', () => {
    for (const ours of [-1000, 0, 1000]) {
      expect(Number.isInteger(bullPriority(ours))).toBe(true);
      expect(bullPriority(ours)).toBeLessThanOrEqual(2 ** 21);
    }
  });
});

describe('a queue', () => {
  it('belongs to a device class', () => {
    expect([queueName('cpu'), queueName('gpu')]).toEqual(['reseed-cpu', 'reseed-gpu']);
  });
});
