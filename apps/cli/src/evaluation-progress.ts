// Progress of an evaluation in lines: one whenever a stage is done, and one now and then while it is not.
import type { EvaluationProgress } from '@reseed/training';

const EVERY_MILLISECONDS = 5000;

/** What to call on every step; a line goes to `say`. */
export function evaluationProgress(say: (line: string) => void): (progress: EvaluationProgress) => void {
  let last = performance.now();
  return ({ attack, stage, done, total, robust, first, count, images }) => {
    const now = performance.now();
    if (done < total && now - last < EVERY_MILLISECONDS) return;
    last = now;
    const name = stage === attack ? attack : `${attack}, ${stage}`;
    const part = count === images ? '' : ` (of ${first}…${first + count - 1} of ${images})`;
    say(`${name}: ${done}/${total} images, ${robust} robust${part}`);
  };
}
