// The names of a run's safetensors files, the same in an artifacts folder and in the folder of `reseed train`.
import type { EvaluatedWeights } from '@reseed/experiment';

export const WEIGHTS_FILES = {
  final: 'weights.safetensors',
  best: 'weights-best.safetensors',
  finalWa: 'weights-wa.safetensors',
  bestWa: 'weights-best-wa.safetensors',
} as const satisfies Record<EvaluatedWeights, string>;
