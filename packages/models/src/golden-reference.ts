// For tests: what PyTorch and the reference classes say, from golden/reference_code.json.
import { readFileSync } from 'node:fs';

/** First value, last value, sum of absolute values. */
export type Digest = [first: number, last: number, sum: number];

export interface ReferenceNumbers {
  readonly name: string;
  /** n, C, H, W */
  readonly shape: [number, number, number, number];
  readonly narrower?: number;
  readonly mean?: number[];
  readonly std?: number[];
  readonly evalLogits: number[];
  readonly trainLogits: number[];
  readonly pixels: Digest;
  readonly weights: Digest[];
  readonly statistics: Digest[];
}

interface ReferenceCode {
  readonly counts: Record<string, { trainable: number; runningStatistics: number; of: string }>;
  readonly stateDicts: Record<
    string,
    { trainable: number; runningStatistics: number; entries: number; first: string[]; last: string; sha256: string }
  >;
  readonly numbers: ReferenceNumbers[];
  readonly batchNorm: {
    readonly x: number[];
    readonly gamma: number[];
    readonly beta: number[];
    readonly train_out: number[];
    readonly running_mean: number[];
    readonly running_var_unbiased: number[];
    readonly eval_out: number[];
  };
  readonly silu: { readonly x: number[]; readonly y: number[] };
}

export const referenceCode = JSON.parse(
  readFileSync(new URL('../golden/reference_code.json', import.meta.url), 'utf8'),
) as ReferenceCode;
