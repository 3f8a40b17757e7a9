// A malformed grid as data: every issue names the field, the value and the limit, and suggests the nearest name.
import { distance } from 'fastest-levenshtein';

export interface GridIssue {
  /** dotted path of the field in the posted body, e.g. `axes.attack.epsilon[1]` */
  readonly field: string;
  readonly message: string;
  /** what stood there; absent when the field is missing or unknown */
  readonly value?: unknown;
  readonly nearest?: string;
}

/** Says what is wrong with the value of a field of a condition that cannot run. */
export type Conflict = (field: string, value: unknown, message: string) => void;

export class GridError extends Error {
  override readonly name = 'GridError';
  readonly issues: readonly GridIssue[];
  constructor(issues: readonly GridIssue[]) {
    super(issues.map((issue) => `${issue.field}: ${issue.message}`).join('; '));
    this.issues = issues;
  }
}

/**
 * The candidate closest in spelling to a misspelt name, by its full path or its last part, if one is close enough to be
 * meant: at most a third of the longer of the two differs, and two letters always may. The full path wins a tie.
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  const lower = name.toLowerCase();
  let best: { candidate: string; score: number } | undefined;
  for (const candidate of candidates) {
    for (const spelling of new Set([candidate, candidate.slice(candidate.lastIndexOf('.') + 1)])) {
      const letters = distance(lower, spelling.toLowerCase());
      const limit = Math.max(2, Math.floor(Math.max(name.length, spelling.length) / 3));
      const score = spelling === candidate ? letters : letters + 0.5;
      if (letters <= limit && (best === undefined || score < best.score)) best = { candidate, score };
    }
  }
  return best?.candidate;
}

/** An issue for a name that is not known here. */
export function unknownName(field: string, name: string, candidates: Iterable<string>): GridIssue {
  const known = [...candidates];
  const nearest = nearestName(name, known);
  const hint = nearest === undefined ? `known: ${known.join(', ')}` : `did you mean "${nearest}"?`;
  return { field, message: `unknown name "${name}"; ${hint}`, ...(nearest === undefined ? {} : { nearest }) };
}
