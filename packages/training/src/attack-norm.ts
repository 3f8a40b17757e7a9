// The norm of a condition by the name that the attacks know it by.
import type { Norm } from '@reseed/attacks';
import type { Condition } from '@reseed/experiment';

export const ATTACK_NORMS: Readonly<Record<Condition['attack']['norm'], Norm>> = { linf: 'Linf', l2: 'L2' };
