// Talks to the API and turns its errors into one readable message.
import { describeLevels } from '@reseed/experiment';

export class ApiCallError extends Error {
  override readonly name = 'ApiCallError';
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: unknown,
  ) {
    super(message);
  }
}

export class ApiUnreachableError extends Error {
  override readonly name = 'ApiUnreachableError';
  constructor(readonly url: string) {
    super(`no answer from ${url}. Is the API running (npx reseed up), and is RESEED_URL right?`);
  }
}

interface ErrorBody {
  readonly error?: { readonly code: string; readonly message: string; readonly details?: unknown };
}

interface Issue {
  readonly field?: string;
  readonly message?: string;
}

interface Details {
  readonly issues?: readonly Issue[];
  /** conditions of a grid that cannot run */
  readonly invalid?: readonly {
    readonly position: number;
    readonly levels: Readonly<Record<string, unknown>>;
    readonly issues: readonly Issue[];
  }[];
}

const describeIssue = ({ field = '', message = '' }: Issue): string =>
  field === '' ? message : `${field}: ${message}`;

/** An API error in words: every issue on a line of its own. */
export function describeApiError({ code, message, details }: ApiCallError): string {
  const { issues = [], invalid = [] } = (details ?? {}) as Details;
  if (issues.length > 0) {
    // The message is the same issues in one line.
    const count = issues.length === 1 ? 'one problem' : `${issues.length} problems`;
    return [`The API found ${count} (${code}):`, ...issues.map((issue) => `  ${describeIssue(issue)}`)].join('\n');
  }
  const conditions = invalid.flatMap(({ position, levels, issues: ofCondition }) => {
    const name = describeLevels(levels);
    return ofCondition.map(
      (issue) => `  condition ${position}${name === '' ? '' : ` (${name})`}: ${describeIssue(issue)}`,
    );
  });
  return [message, ...conditions].join('\n');
}

/** Where an experiment, or a part of what is known about it, is found. */
export const experimentPath = (id: string, part?: 'comparison' | 'audit'): string =>
  `/v1/experiments/${encodeURIComponent(id)}${part === undefined ? '' : `/${part}`}`;

export class ApiClient {
  readonly url: string;
  readonly #key: string | undefined;

  constructor(options: { readonly url: string; readonly key?: string | undefined }) {
    this.url = options.url.replace(/\/$/, '');
    this.#key = options.key;
  }

  /** @throws ApiCallError for an error answer, ApiUnreachableError when nobody answers */
  async call<T>(
    method: 'GET' | 'POST',
    path: string,
    options: { readonly body?: unknown; readonly headers?: Record<string, string> } = {},
  ): Promise<T> {
    const headers = {
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(this.#key === undefined ? {} : { authorization: `Bearer ${this.#key}` }),
      ...options.headers,
    };
    let answer: Response;
    try {
      answer = await fetch(`${this.url}${path}`, {
        method,
        headers,
        signal: AbortSignal.timeout(60_000),
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      });
    } catch {
      throw new ApiUnreachableError(this.url);
    }
    const body: unknown = await answer.json().catch(() => undefined);
    if (answer.ok) return body as T;
    const error = (body as ErrorBody | undefined)?.error;
    throw new ApiCallError(
      answer.status,
      error?.code ?? 'unknown',
      error?.message ?? `the API answered ${answer.status}`,
      error?.details,
    );
  }
}
