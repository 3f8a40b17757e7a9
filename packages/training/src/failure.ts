// The ways training fails, and the one place where an error becomes a failure kind.
import { DatasetError, SplitSizeError } from '@reseed/datasets';
import type { Failure, FailureKind } from '@reseed/experiment';
import { BatchTooSmallError, LayerOrderError, ModelOptionError } from '@reseed/models';
import { ScratchExhaustedError } from '@reseed/tfjs-backend-portable';

/** The loss or a weight is no longer a finite number. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';
  readonly epoch: number;
  readonly quantity: 'loss' | 'weights';
  constructor(epoch: number, quantity: 'loss' | 'weights') {
    super(`training diverged: the ${quantity} stopped being finite in epoch ${epoch}`);
    this.epoch = epoch;
    this.quantity = quantity;
  }
}

/** The spec contradicts itself, the dataset or this version of the code. */
export class InvalidSpecError extends Error {
  override readonly name = 'InvalidSpecError';
  readonly field: string;
  readonly value: unknown;
  constructor(field: string, value: unknown, reason: string) {
    super(`${field}: ${reason}`);
    this.field = field;
    this.value = value;
  }
}

/** How V8, WebAssembly and TensorFlow say that no memory is left; none of them has an error class for it. */
const NO_MEMORY =
  /out of memory|allocation failed|invalid (typed )?array (buffer )?length|could not allocate memory|maximum memory size exceeded|cannot enlarge memory|\boom\b|resource ?exhausted|bad_alloc/i;

/** A run of this spec ends like this on every machine. */
const SPEC_ERRORS = [InvalidSpecError, SplitSizeError, LayerOrderError, ModelOptionError, BatchTooSmallError];

function kindOf(error: unknown): FailureKind {
  if (error instanceof DivergedError) return 'diverged';
  if (error instanceof DatasetError) return 'dataset_unavailable';
  if (SPEC_ERRORS.some((kind) => error instanceof kind)) return 'invalid_spec';
  if (error instanceof ScratchExhaustedError) return 'out_of_memory';
  return error instanceof Error && NO_MEMORY.test(error.message) ? 'out_of_memory' : 'internal_error';
}

/** Any error of a run, as data. Being stopped by the signal is no failure: the caller that aborted knows it. */
export function classifyFailure(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? error.stack : undefined;
  return { kind: kindOf(error), message, ...(stack === undefined ? {} : { stack }) };
}
