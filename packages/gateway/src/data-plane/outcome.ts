import type { ExecutionError } from './execution-error.ts';

/** How a request ended, for the logs. */
export interface Outcome {
  /** Undefined when the client left before there was one. */
  readonly status: number | undefined;
  /** Body bytes that the client's socket took. */
  readonly sentBytes: number;
  readonly error?: ExecutionError;
  /** The head was out when the error came: the connection was cut. */
  readonly wasCut?: boolean;
}
