// What a condition asks for about one set of trained weights beyond its tracking attack: the suite, and the gates.
import type { Condition } from '@reseed/experiment';
import { evaluateSuite, type SuiteOptions, type SuiteResult } from './evaluate-suite.ts';
import { measureGates } from './masking-measurements.ts';

export interface AssessOptions extends SuiteOptions {
  readonly condition: SuiteOptions['condition'] & { readonly evaluation: Pick<Condition['evaluation'], 'gates'> };
}

/** `evaluateSuite`, and `measureGates` where `evaluation.gates` is set. Rejects like them. */
export async function assessWeights(options: AssessOptions): Promise<SuiteResult> {
  const suite = await evaluateSuite(options);
  if (!options.condition.evaluation.gates) return suite;
  return { ...suite, gates: [...suite.gates, ...(await measureGates(options))] };
}
