// The attacks that a grid may run on trained weights: the parameters of each as a strict schema with its defaults, and its paper.
import { z } from 'zod';

/** Names of rows that are no attack of the list. */
const RESERVED = ['clean', 'tracking', 'transfer'];

const id = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[\w.-]+$/, 'may hold letters, digits, dots, dashes and underscores only')
  .refine((text) => !RESERVED.includes(text), `must not be one of ${RESERVED.join(', ')}`)
  .optional()
  .describe('name in results; by default the name of the attack and what differs from its defaults');
const epsilon = z
  .number()
  .min(0)
  .max(100)
  .optional()
  .describe('radius of the ball, in the norm of attack.norm; evaluation.epsilon by default');
const common = { id, epsilon };

const steps = (usual: number) => z.int().min(0).max(10_000).default(usual).describe('gradient steps of each start');
const restarts = z.int().min(1).max(256).default(1).describe('starts; an image is robust only if it survives all');
const targets = z.int().min(1).max(255).default(9).describe('wrong classes aimed at, the strongest first');
const queries = z.int().min(0).max(1_000_000).default(5000).describe('forward passes of each image');
const loss = z
  .enum(['ce', 'cw', 'dlr'])
  .default('ce')
  .describe('what is climbed: cross-entropy, the margin of Carlini & Wagner, or the difference of logits ratio');
const share = (usual: number, meaning: string) => z.number().min(0).max(1).default(usual).describe(meaning);
const apgd = { steps: steps(100), restarts };

/** One strict object per attack; the keys are the names used in grids, results and the catalogue. */
export const EVALUATION_ATTACK_SCHEMAS = {
  fgsm: z
    .strictObject({ name: z.literal('fgsm'), ...common, loss })
    .describe('One step of length epsilon by the sign of the gradient (l2: along it), from the image itself.'),
  pgd: z
    .strictObject({
      name: z.literal('pgd'),
      ...common,
      steps: steps(20),
      restarts,
      stepShare: z.number().min(0).max(100).default(0.25).describe('length of a step as a share of epsilon'),
      loss,
    })
    .describe('Projected gradient steps from random starts in the ball; the last point counts.'),
  'apgd-ce': z
    .strictObject({ name: z.literal('apgd-ce'), ...common, ...apgd })
    .describe('PGD with momentum and step sizes that adapt, on cross-entropy.'),
  'apgd-dlr': z
    .strictObject({ name: z.literal('apgd-dlr'), ...common, ...apgd })
    .describe('The same on the difference of logits ratio, which no scale of the logits moves; needs three classes.'),
  'apgd-t': z
    .strictObject({ name: z.literal('apgd-t'), ...common, ...apgd, targets })
    .describe('The same towards each of the strongest wrong classes in turn; needs four classes.'),
  'fab-t': z
    .strictObject({
      name: z.literal('fab-t'),
      ...common,
      ...apgd,
      targets,
      alphaMax: share(0.1, 'largest share of the way back to the image in a step'),
      eta: z.number().min(1).max(10).default(1.05).describe('how far a step overshoots the boundary; 1: not at all'),
      beta: share(0.9, 'how much of the way from the image a point on the wrong side keeps'),
    })
    .describe('Looks for the nearest point across the boundary to each of the strongest wrong classes.'),
  square: z
    .strictObject({
      name: z.literal('square'),
      ...common,
      queries,
      restarts,
      squareShare: share(0.8, 'share of the pixels that the first squares change'),
    })
    .describe('Random squares, kept where they lower the margin; reads no gradient.'),
  autoattack: z
    .strictObject({ name: z.literal('autoattack'), ...common, ...apgd, targets, queries })
    .describe(
      'The standard protocol: apgd-ce, apgd-t, fab-t and square, each on what is still robust; needs four classes.',
    ),
} as const;

export type EvaluationAttackName = keyof typeof EVALUATION_ATTACK_SCHEMAS;
export const EVALUATION_ATTACK_NAMES = Object.keys(EVALUATION_ATTACK_SCHEMAS) as EvaluationAttackName[];

const RELIABLE = 'Croce & Hein 2020, arXiv:2003.01690';

export const EVALUATION_ATTACK_SOURCES: Readonly<Record<EvaluationAttackName, string>> = {
  fgsm: 'Goodfellow, Shlens & Szegedy 2015, arXiv:1412.6572',
  pgd: 'Madry et al. 2018, arXiv:1706.06083; loss cw: Carlini & Wagner 2017, arXiv:1608.04644',
  'apgd-ce': RELIABLE,
  'apgd-dlr': RELIABLE,
  'apgd-t': RELIABLE,
  'fab-t': 'Croce & Hein 2020, arXiv:1907.02044',
  square: 'Andriushchenko et al. 2020, arXiv:1912.00049',
  autoattack: RELIABLE,
};
