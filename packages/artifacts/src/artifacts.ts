// What a place for artifacts can do, whatever it is made of.
import type { Readable } from 'node:stream';
import type { EvaluatedWeights } from '@reseed/experiment';
import type { Checkpoints, CheckpointsOptions } from './open-checkpoints.ts';

/** Which try at which run: artifacts of two attempts never mix. */
export interface ArtifactsOwner {
  /** a UUID */
  readonly runId: string;
  /** from 1 */
  readonly attempt: number;
}

/** A file to be sent on. */
export interface StoredWeights {
  readonly bytes: number;
  /** Opens it; a stream that is not read to its end must be destroyed. */
  stream(): Readable;
}

/** Paths are made of UUIDs and numbers only. @throws InvalidOwnerError from every method that is given another one */
export interface Artifacts {
  /** for messages: where it is */
  readonly address: string;
  /** Stores a safetensors file, whole or not at all. @throws NoRoomError, UnwritableFolderError */
  writeWeights(owner: ArtifactsOwner, weights: EvaluatedWeights, bytes: Uint8Array): Promise<void>;
  /** @returns undefined when this attempt has left no such file here */
  readWeights(owner: ArtifactsOwner, weights: EvaluatedWeights): Promise<StoredWeights | undefined>;
  /** Shared by all attempts at the run: the next one goes on from the one before. */
  checkpoints(runId: string, options: Omit<CheckpointsOptions, 'folder'>): Checkpoints;
  /** Once its result is accepted: removes the run's checkpoints and whatever its other attempts have left. */
  keepOnly(accepted: ArtifactsOwner): Promise<void>;
  /** For a run that will not go on. */
  removeCheckpoints(runId: string): Promise<void>;
  /** The runs of which there is more here than the weights of one attempt. */
  unsettledRuns(): AsyncIterable<string>;
}

/** An id that is no UUID, or an attempt that is no number from 1, would lead to somebody else's files. */
export class InvalidOwnerError extends Error {
  override readonly name = 'InvalidOwnerError';
  constructor(
    readonly field: 'runId' | 'attempt',
    readonly value: unknown,
  ) {
    const limit = field === 'runId' ? 'a lower-case UUID' : 'a whole number from 1';
    super(`${field} must be ${limit}, got ${JSON.stringify(value)}`);
  }
}
