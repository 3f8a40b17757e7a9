// Every error the API answers with: its HTTP status, its message and what it means. Statuses stand nowhere else.

interface ErrorEntry {
  readonly status: number;
  /** what the answer says when the place that throws has nothing more exact to say */
  readonly message: string;
  /** for the documentation: when it happens, what to do, what `details` holds */
  readonly meaning: string;
}

export const ERROR_CATALOGUE = {
  grid_invalid: {
    status: 400,
    message: 'The grid is malformed.',
    meaning:
      'A field of the posted grid is unknown, missing, of the wrong type or out of range. `details.issues` lists every problem found: `field`, `message` and, where they help, `value` and `nearest` (the name that was probably meant).',
  },
  json_invalid: {
    status: 400,
    message: 'The body is not valid JSON.',
    meaning: 'The body cannot be read as JSON, is empty, or holds a forbidden key such as `__proto__`.',
  },
  trace_invalid: {
    status: 400,
    message: 'The trace is malformed.',
    meaning:
      'A line of a posted trace is not what the format allows, or there is none. `details` holds its number `line` (from 1), `field`, `value` and what is `allowed`. Nothing of the trace was audited.',
  },
  query_invalid: {
    status: 400,
    message: 'The query string is not valid.',
    meaning:
      'A query parameter is unknown or has a wrong value. `details.issues` has the form of `grid_invalid`, with the nearest known name.',
  },
  id_invalid: {
    status: 400,
    message: 'The id is not a UUID.',
    meaning: 'Ids of experiments and runs are UUIDs. `details` holds the parameter and its value.',
  },
  idempotency_key_invalid: {
    status: 400,
    message: 'The Idempotency-Key must have 1 to 255 visible ASCII characters.',
    meaning: 'The header Idempotency-Key is empty, too long, or has characters other than visible ASCII.',
  },
  request_invalid: {
    status: 400,
    message: 'The request cannot be read.',
    meaning: 'The address or the headers are malformed.',
  },
  unauthorized: {
    status: 401,
    message: 'A valid API key is needed.',
    meaning:
      'The server was started with RESEED_API_KEY. Send the key as `Authorization: Bearer KEY` or in `X-API-Key`. Only /healthz is open.',
  },
  origin_refused: {
    status: 403,
    message: 'Requests that change something are refused from foreign origins.',
    meaning:
      'A browser sent a request that changes something from a page of another site. Programs, which send no Origin, are not affected.',
  },
  route_not_found: {
    status: 404,
    message: 'There is no such route.',
    meaning: 'No route has this method and path. /docs lists them all.',
  },
  experiment_not_found: {
    status: 404,
    message: 'There is no experiment with this id.',
    meaning: 'The id is well-formed, but no experiment has it.',
  },
  run_not_found: {
    status: 404,
    message: 'There is no run with this id.',
    meaning: 'The id is well-formed, but no run has it.',
  },
  evaluation_not_found: {
    status: 404,
    message: 'The run has no such evaluation.',
    meaning:
      'The run has no evaluation of this attack on these weights, counted after this stage, or no result yet. `details` holds what was asked for; /v1/runs/ID/evaluations lists what is there.',
  },
  run_not_succeeded: {
    status: 404,
    message: 'The run has not succeeded.',
    meaning:
      'Weights are there when a run has succeeded. `details.state` says where it stands: `queued` and `running` may still succeed.',
  },
  weights_not_averaged: {
    status: 404,
    message: 'This run keeps no averaged weights.',
    meaning: '`finalWa` and `bestWa` are weights of runs with `averaging.decay` above 0. Ask for `final` or `best`.',
  },
  weights_not_here: {
    status: 404,
    message: 'The file is not on this host.',
    meaning:
      'The run has succeeded, but its weights do not lie in the artifacts folder of this API: it was trained on a host that does not share the folder (RESEED_ARTIFACTS), its disk was full, or the file was removed. `details` holds `host` and `folder`, where it was looked for.',
  },
  body_too_large: {
    status: 413,
    message: 'The body is larger than 8 MiB.',
    meaning: 'A body may have at most 8 MiB. A grid of axes is small; long lists of `include` are what makes it large.',
  },
  media_type_unsupported: {
    status: 415,
    message: 'The body must be sent as application/json, a trace as application/x-ndjson.',
    meaning: 'The Content-Type is missing, or is not the one that the route takes.',
  },
  conditions_invalid: {
    status: 422,
    message: 'Some conditions of the grid cannot run.',
    meaning:
      'The grid is well-formed, but some of its conditions contradict themselves or the dataset. `details.invalid` lists them with their levels and issues; `?dryRun=true` shows the same list beside the rest. Nothing was stored.',
  },
  idempotency_key_reused: {
    status: 422,
    message: 'This Idempotency-Key was used with another body.',
    meaning:
      'An earlier request had the same Idempotency-Key and a different grid. Nothing was stored; use a new key for a new grid.',
  },
  internal_error: {
    status: 500,
    message: 'An unexpected error occurred.',
    meaning: 'A defect of the server. `details.requestId` finds the entry in its log.',
  },
  service_unavailable: {
    status: 503,
    message: 'A service that the API needs does not answer.',
    meaning: 'Postgres or Redis cannot be reached or was too slow. Try again; /readyz says what is wrong.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;
export const ERROR_CODES = Object.keys(ERROR_CATALOGUE) as ErrorCode[];
