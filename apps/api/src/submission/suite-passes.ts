// What the evaluation suite of one set of weights costs per test image, in passes of one image through a network and back.
import type { Condition, EvaluationAttack } from '@reseed/experiment';

/** A forward pass alone costs about a third of one with its backward pass. */
const FORWARD = 1 / 3;
/** FAB reads the gradient of every class difference: a pass for the point and one for its step back. */
const FAB_PASSES = 2;
/** Gradient steps and queries per image of the gates: see packages/training/src/masking-measurements.ts. */
const GATE_STEPS = 300;
const GATE_QUERIES = 1000;

/** At most: each image is attacked to the end, where the attacks stop at the first point that is misclassified. */
function attackPasses(attack: EvaluationAttack): number {
  switch (attack.name) {
    case 'fgsm':
      return 1;
    case 'pgd':
    case 'apgd-ce':
    case 'apgd-dlr':
      return attack.steps * attack.restarts;
    case 'apgd-t':
      return attack.steps * attack.restarts * attack.targets;
    case 'fab-t':
      return FAB_PASSES * attack.steps * attack.restarts * attack.targets;
    case 'square':
      return FORWARD * attack.queries * attack.restarts;
    case 'autoattack': {
      const { steps, restarts, targets, queries } = attack;
      return steps * restarts * (1 + targets + FAB_PASSES * targets) + FORWARD * queries * restarts;
    }
  }
}

/** Of all sets of weights that the suite runs on, per test image. */
export function suitePasses({ evaluation, averaging }: Condition): number {
  const sets = evaluation.weights.length * (averaging.decay > 0 ? 2 : 1);
  const attacks = evaluation.attacks.reduce((sum, attack) => sum + 1 + attackPasses(attack), 0);
  return sets * (attacks + (evaluation.gates ? GATE_STEPS + FORWARD * GATE_QUERIES : 0));
}
