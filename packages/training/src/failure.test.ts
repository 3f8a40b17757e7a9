// Every way training fails, as the kind that decides what happens to the run; memory errors are those of the real engines.
import { DatasetNotFoundError, SplitSizeError } from '@reseed/datasets';
import { FAILURE_KINDS, type FailureKind } from '@reseed/experiment';
import { LayerOrderError } from '@reseed/models';
import { ScratchExhaustedError } from '@reseed/tfjs-backend-portable';
import { expect, it } from 'vitest';
import { classifyFailure, DivergedError, InvalidSpecError } from './failure.ts';

function thrown(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

/** The types of this package know nothing of the browser’s globals, of which Node has this one too. */
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: { Memory: new (pages: { initial: number; maximum: number }) => { grow(pages: number): number } };
};

const KIND_OF: [FailureKind, Error][] = [
  ['diverged', new DivergedError(3, 'loss')],
  ['invalid_spec', new InvalidSpecError('batchSize', 0, 'must be at least 1')],
  ['invalid_spec', new LayerOrderError('pool1', [1, 1, 8], 'at least 2 pixels')],
  ['invalid_spec', new SplitSizeError('trainSize', 0, 60_000)],
  ['dataset_unavailable', new DatasetNotFoundError('mnist', ['/nowhere'], 'npx reseed data fetch mnist')],
  ['out_of_memory', new ScratchExhaustedError(1 << 30)],
  ['out_of_memory', thrown(() => new Array<number>(-1))],
  ['out_of_memory', thrown(() => new ArrayBuffer(2 ** 45))],
  ['out_of_memory', thrown(() => new Float32Array(2 ** 40))],
  ['out_of_memory', thrown(() => new WebAssembly.Memory({ initial: 1, maximum: 2 }).grow(2))],
  // What Node prints when a new heap does not fit, what Emscripten aborts with, and what TensorFlow's allocators say.
  ['out_of_memory', new RangeError('WebAssembly.Memory(): could not allocate memory')],
  ['out_of_memory', new Error('Aborted(OOM)')],
  ['out_of_memory', new Error('OOM when allocating tensor with shape[250,28,28,8]')],
  ['out_of_memory', new Error('ResourceExhausted: failed to allocate')],
  ['out_of_memory', new Error('std::bad_alloc')],
  ['internal_error', new Error('bloom of roomy doom')],
  ['internal_error', new TypeError('x is not a function')],
];

it.each(KIND_OF)('%s: %s', (kind, error) => {
  expect(classifyFailure(error)).toEqual({ kind, message: error.message, stack: error.stack });
});

it('covers every kind that training itself can end in', () => {
  const elsewhere: FailureKind[] = ['worker_lost', 'handed_back', 'trainer_crashed'];
  const covered = new Set([...KIND_OF.map(([kind]) => kind), ...elsewhere]);
  expect([...covered].sort()).toEqual(Object.keys(FAILURE_KINDS).sort());
});

it('takes what is no error at its word, without a stack', () => {
  expect(classifyFailure('it broke')).toEqual({ kind: 'internal_error', message: 'it broke' });
  expect(classifyFailure(undefined)).toEqual({ kind: 'internal_error', message: 'undefined' });
});

it('keeps the facts on the errors', () => {
  expect(new DivergedError(3, 'weights')).toMatchObject({ name: 'DivergedError', epoch: 3, quantity: 'weights' });
  expect(new DivergedError(3, 'weights').message).toBe(
    'training diverged: the weights stopped being finite in epoch 3',
  );
  const invalid = new InvalidSpecError('batchSize', 0, 'must be at least 1');
  expect(invalid).toMatchObject({ name: 'InvalidSpecError', field: 'batchSize', value: 0 });
  expect(invalid.message).toBe('batchSize: must be at least 1');
});
