export { type Artifacts, type ArtifactsOwner, InvalidOwnerError, type StoredWeights } from './artifacts.ts';
export type { Checkpoint, CheckpointIdentity } from './checkpoint-file.ts';
export { expendable } from './expendable-checkpoints.ts';
export { openArtifacts, UnsupportedArtifactsError } from './open-artifacts.ts';
export { type Checkpoints, type CheckpointsOptions, openCheckpoints, removeCheckpoints } from './open-checkpoints.ts';
export { rememberResume } from './remember-resume.ts';
export { WEIGHTS_FILES } from './weights-files.ts';
export { NoRoomError, UnwritableFolderError } from './write-error.ts';
