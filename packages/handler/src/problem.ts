/**
 * An answer that is no object: thrown where it arises, encoded at the edge as `application/problem+json`.
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export class Problem extends Error {
  override readonly name = 'Problem';
  /** HTTP status. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Members of the problem object beside `title`, `status` and `detail`. */
  readonly extensions: Readonly<Record<string, string | number>>;

  constructor(status: number, detail: string, options: ProblemOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.headers = options.headers ?? {};
    this.extensions = options.extensions ?? {};
  }
}

export interface ProblemOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly extensions?: Readonly<Record<string, string | number>>;
  readonly cause?: unknown;
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  412: 'Precondition Failed',
  416: 'Range Not Satisfiable',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** The body of a problem. RFC 9457's `about:blank` is the type when none is named. */
export function problemBody({ status, message, extensions }: Problem): Uint8Array {
  return new TextEncoder().encode(
    `${JSON.stringify({ title: TITLES[status], status, detail: message, ...extensions })}\n`,
  );
}

export function problemHeaders(problem: Problem): Record<string, string> {
  return {
    'Content-Type': 'application/problem+json',
    'Content-Length': String(problemBody(problem).byteLength),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...problem.headers,
  };
}
