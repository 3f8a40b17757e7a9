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

export class GridError extends Error {
  override readonly name = 'GridError';
  readonly issues: readonly GridIssue[];
  constructor(issues: readonly GridIssue[]) {
    super(issues.map((issue) => `${issue.field}: ${issue.message}`).join('; '));
    this.issues = issues;
  }
}

/** The candidate closest in spelling to a misspelt name, if one is close enough to be meant. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  const lower = name.toLowerCase();
  let best: { candidate: string; score: number } | undefined;
  for (const candidate of candidates) {
    const last = candidate.slice(candidate.lastIndexOf('.') + 1);
    const score = Math.min(distance(lower, candidate.toLowerCase()), distance(lower, last.toLowerCase()));
    if (best === undefined || score < best.score) best = { candidate, score };
  }
  const limit = Math.max(2, Math.floor(name.length / 3));
  return best !== undefined && best.score <= limit ? best.candidate : undefined;
}

/** An issue for a name that is not known here. */
export function unknownName(field: string, name: string, candidates: Iterable<string>): GridIssue {
  const known = [...candidates];
  const nearest = nearestName(name, known);
  const hint = nearest === undefined ? `known: ${known.join(', ')}` : `did you mean "${nearest}"?`;
  return { field, message: `unknown name "${name}"; ${hint}`, ...(nearest === undefined ? {} : { nearest }) };
}
