// Holds a result against itself before it enters the record: the bits of its evaluations, its names, its numbers.
import { EVALUATED_WEIGHTS, type FinalEvaluation, type RunResult } from '@reseed/experiment';

/** A result contradicts itself. Nothing of it was stored. */
export class CorruptResultError extends Error {
  override readonly name = 'CorruptResultError';
  /** dotted, e.g. `evaluations.2.correct` */
  readonly field: string;
  readonly value: unknown;
  readonly limit: string;

  constructor(field: string, value: unknown, limit: string) {
    super(`the result is corrupt: ${field} is ${String(value)}, but must be ${limit}`);
    this.field = field;
    this.value = value;
    this.limit = limit;
  }
}

/** What a mean in float32 may be off by; one image of 500,000 would be more. */
const ROUNDING = 1e-6;

const ONES_OF_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

/** The same name twice, where each may stand once, would be refused by the database again at every try. */
function refuseRepeated(field: string, names: readonly string[]): void {
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw new CorruptResultError(field, `twice about ${repeated}`, 'once about each');
}

function checkWeights(field: string, { weights }: { readonly weights: string }): void {
  if (!(EVALUATED_WEIGHTS as readonly string[]).includes(weights))
    throw new CorruptResultError(`${field}.weights`, weights, `one of ${EVALUATED_WEIGHTS.join(', ')}`);
}

function checkBits(field: string, { images, accuracy, correct }: FinalEvaluation): void {
  if (!(Number.isInteger(images) && images >= 1))
    throw new CorruptResultError(`${field}.images`, images, 'a whole number of at least 1');
  const bytes = Math.ceil(images / 8);
  if (!(correct instanceof Uint8Array)) {
    const kind = Object.prototype.toString.call(correct);
    throw new CorruptResultError(`${field}.correct`, kind, 'a Uint8Array');
  }
  if (correct.length !== bytes)
    throw new CorruptResultError(`${field}.correct`, `${correct.length} bytes`, `${bytes} bytes for ${images} images`);
  const ones = correct.reduce((sum, byte) => sum + ONES_OF_BYTE[byte], 0);
  const pastTheLast = images % 8 === 0 ? 0 : correct[bytes - 1] >> (images % 8);
  if (pastTheLast !== 0)
    throw new CorruptResultError(`${field}.correct`, `set behind the last image`, `0 behind image ${images}`);
  if (!(Math.abs(accuracy - ones / images) <= ROUNDING))
    throw new CorruptResultError(`${field}.accuracy`, accuracy, `${ones} / ${images}, which its bits count`);
}

function checkEvaluation(evaluation: FinalEvaluation, index: number): void {
  const field = `evaluations.${index}`;
  checkWeights(field, evaluation);
  if (evaluation.attack === '') throw new CorruptResultError(`${field}.attack`, "''", 'a name');
  if (evaluation.stage === '') throw new CorruptResultError(`${field}.stage`, "''", 'a name or null');
  if (!Number.isFinite(evaluation.seconds))
    throw new CorruptResultError(`${field}.seconds`, evaluation.seconds, 'a finite number');
  checkBits(field, evaluation);
}

/** @throws CorruptResultError for the first contradiction */
export function checkResult({ metrics, evaluations, gates }: RunResult): void {
  for (const [name, value] of Object.entries(metrics))
    if (!Number.isFinite(value)) throw new CorruptResultError(`metrics.${name}`, value, 'a finite number');
  for (const [index, evaluation] of evaluations.entries()) checkEvaluation(evaluation, index);
  for (const [index, gate] of gates.entries()) checkWeights(`gates.${index}`, gate);
  const evaluated = evaluations.map(({ weights, attack, stage }) => JSON.stringify([weights, attack, stage]));
  refuseRepeated('evaluations', evaluated);
  refuseRepeated(
    'gates',
    gates.map(({ weights, gate }) => JSON.stringify([weights, gate])),
  );
}
