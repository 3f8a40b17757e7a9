// What a step of training costs, in passes of one image through a network and back: for speeds and for estimates from them.
import type { Condition } from './parameters.ts';

/** Of one training image in one epoch: the attack, then one pass for the weights, two of trades and mart; awp doubles these. */
export function trainingPasses({ method, attack, awp }: Pick<Condition, 'method' | 'attack' | 'awp'>): number {
  const ofObjective = (method === 'trades' || method === 'mart' ? 2 : 1) * (awp.gamma > 0 ? 2 : 1);
  switch (method) {
    case 'free':
      return attack.replays;
    case 'plain':
      return ofObjective;
    case 'fgsm':
    case 'pgd':
    case 'trades':
    case 'mart':
      return attack.steps + ofObjective;
  }
}
