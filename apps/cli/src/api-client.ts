// Talks to the API and turns its errors into one readable message.

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

/** An error's details as lines, `field: message`, where it has them. */
export function describeDetails(details: unknown): string[] {
  const issues = (details as { issues?: unknown } | null | undefined)?.issues;
  if (!Array.isArray(issues)) return [];
  return (issues as Issue[]).map(({ field, message }) => `${field ?? ''}: ${message ?? ''}`);
}

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
