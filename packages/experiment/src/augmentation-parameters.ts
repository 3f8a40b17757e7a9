// How an augmentation is written in a grid, the defaults of its parameters by dataset, and its one canonical form.
import { z } from 'zod';
import { AUGMENTATION_NAMES, AUGMENTATION_SCHEMAS, type AugmentationName } from './augmentation-schemas.ts';
import type { Resolved } from './axis.ts';
import { type DatasetBlock, datasetTraits, type DatasetTraits } from './dataset-traits.ts';

export {
  AUGMENTATION_FACTS,
  AUGMENTATION_NAMES,
  AUGMENTATION_SCHEMAS,
  type AugmentationFacts,
  type AugmentationName,
} from './augmentation-schemas.ts';

type ItemNamed<N extends AugmentationName> = z.infer<(typeof AUGMENTATION_SCHEMAS)[N]>;
/** One augmentation with all its parameters. */
export type AugmentationItem = { [N in AugmentationName]: ItemNamed<N> }[AugmentationName];

/** The canonical form: `'none'`, one item, or a list applied in order. */
export type Augmentation = 'none' | AugmentationItem | AugmentationItem[];

type WrittenObject = { [N in AugmentationName]: { name: N } & Partial<Omit<ItemNamed<N>, 'name'>> }[AugmentationName];
type WrittenItem = AugmentationName | WrittenObject;
export type WrittenAugmentation = WrittenItem | WrittenItem[];

const [none, ...others] = Object.values(AUGMENTATION_SCHEMAS).map((schema: z.ZodObject) =>
  schema.partial().extend({ name: schema.shape['name'] }),
);
const written = z.union([z.enum(AUGMENTATION_NAMES), z.discriminatedUnion('name', [none, ...others])]);

/** As a user may write it: a name, `{ name, …parameters }`, or a list of these; left-out parameters take their defaults. */
export const augmentationSchema = z.union([
  written,
  z.array(written).min(1).max(8),
]) as z.ZodType as z.ZodType<WrittenAugmentation>;

type SizeFacts = Pick<DatasetTraits, 'imageShape' | 'defaultPad' | 'defaultCutout'>;
type Defaults = { [N in AugmentationName]: (facts: SizeFacts) => Omit<ItemNamed<N>, 'name'> };

const nothing = () => ({});
/** Smaller than CIFAR: the milder settings for 28×28 grey images. */
const isSmall = ({ imageShape: [height, width] }: SizeFacts): boolean => Math.min(height, width) < 32;
const padOf = ({ defaultPad }: SizeFacts) => ({ pad: defaultPad });
const cropOf = (facts: SizeFacts) => ({ low: 0, high: isSmall(facts) ? 6 : 9 });

/** By image side, the settings of the papers for 32×32 and what keeps a digit a digit for 28×28. */
const DEFAULTS: Defaults = {
  none: nothing,
  pad_crop: padOf,
  pad_crop_flip: padOf,
  cutout: ({ defaultCutout }) => ({ length: defaultCutout }),
  hflip: nothing,
  cutout_inside: (facts) => ({ length: Math.min(isSmall(facts) ? 10 : 14, facts.defaultCutout) }),
  random_erasing: () => ({ probability: 0.5 }),
  cutmix_sample: () => ({ beta: 1, probability: 1 }),
  cutmix_batch: () => ({ alpha: 1 }),
  mixup_batch: (facts) => ({ alpha: isSmall(facts) ? 0.2 : 1 }),
  ricap_batch: () => ({ beta: 0.3 }),
  color_jitter: (facts) => (isSmall(facts) ? { brightness: 0.2, contrast: 0.2 } : { brightness: 0.4, contrast: 0.4 }),
  trivial_augment: (facts) => (isSmall(facts) ? { translate: 8, rotate: 30 } : { translate: 32, rotate: 135 }),
  rand_augment: (facts) => (isSmall(facts) ? { operations: 1, magnitude: 5 } : { operations: 2, magnitude: 9 }),
  auto_augment: nothing,
  affine_jitter: () => ({ degrees: 10, translate: 2, scale: 0.1 }),
  cropshift: cropOf,
  idbh: (facts) => ({ ...cropOf(facts), probability: 0.5 }),
};

/**
 * Defaults that the canonical form leaves out: what is optional in a schema came later than the runs that are recorded
 * already, and written out or not, both have one runKey.
 */
const UNWRITTEN_DEFAULTS: Partial<Record<string, Readonly<Record<string, unknown>>>> = {
  pad_crop: { fill: 'zero' },
  pad_crop_flip: { fill: 'zero' },
};

/** An item with all its parameters. */
function resolveItem(item: WrittenItem, facts: SizeFacts): AugmentationItem {
  const given: WrittenObject = typeof item === 'string' ? { name: item } : item;
  const { name, ...parameters } = { ...DEFAULTS[given.name](facts), ...given };
  const unwritten = UNWRITTEN_DEFAULTS[name];
  const kept = Object.entries(parameters).filter(([key, value]) => unwritten?.[key] !== value);
  return { name, ...Object.fromEntries(kept) } as AugmentationItem;
}

/** A canonical item with the defaults that its form leaves out; anything else as it is. */
export function withUnwrittenDefaults(item: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { name } = item;
  return typeof name === 'string' ? { ...UNWRITTEN_DEFAULTS[name], ...item } : item;
}

const isNone = (item: unknown): boolean =>
  item === 'none' || (typeof item === 'object' && item !== null && (item as { name?: unknown }).name === 'none');

/** A list without what does nothing, as the canonical form has it; one item stands alone. */
export function withoutNone(list: readonly unknown[]): unknown {
  const kept = list.filter((item) => !isNone(item));
  if (kept.length > 1 || list.length === 0) return kept;
  return kept.length === 1 ? kept[0] : 'none';
}

/** Turns what was written into the canonical form; `none` inside a longer list is dropped. */
export function resolveAugmentation(value: WrittenAugmentation, soFar: Resolved): Augmentation {
  const traits = datasetTraits(soFar['dataset'] as DatasetBlock);
  return withoutNone((Array.isArray(value) ? value : [value]).map((item) => resolveItem(item, traits))) as Augmentation;
}

/** The items of a canonical augmentation, in the order in which they draw and are applied. */
export function augmentationItems(augmentation: Augmentation): AugmentationItem[] {
  if (augmentation === 'none') return [];
  return Array.isArray(augmentation) ? augmentation : [augmentation];
}

/** A short label, `pad_crop(pad=1)`, for tables and plots. */
export function describeAugmentation(augmentation: Augmentation): string {
  const items = augmentationItems(augmentation);
  if (items.length === 0) return 'none';
  return items
    .map(({ name, ...parameters }) => {
      const inner = Object.entries(parameters).map(([key, value]) => `${key}=${value}`);
      return inner.length === 0 ? name : `${name}(${inner.join(',')})`;
    })
    .join('+');
}
