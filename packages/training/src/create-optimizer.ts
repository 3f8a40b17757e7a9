// The choice of the optimiser by name.
import { createAdam } from './adam.ts';
import type { Optimizer, OptimizerSettings, OptimizerState } from './optimizer.ts';
import { createSgd } from './sgd.ts';

/** @param size number of weights */
export function createOptimizer(settings: OptimizerSettings, size: number, saved?: OptimizerState): Optimizer {
  switch (settings.name) {
    case 'adam':
      return createAdam(settings, size, saved);
    case 'sgd':
      return createSgd(settings, saved);
  }
}
