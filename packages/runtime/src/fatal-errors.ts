import type { ErrorDocument } from '@spillway/wire/runtime-api';
import { logError } from './log-patch.ts';
import { errorDocument, runtimeError } from './runtime-error.ts';

type Report = (error: ErrorDocument) => Promise<void>;

const EXIT_CODES = { uncaughtException: 129, unhandledRejection: 128 } as const;

/** Errors that nobody caught: each is logged, reported as that of the invocation, or of the init before it, and ends the process. */
export class FatalErrors {
  /** Tells Lambda. */
  report: Report;
  #isEnding = false;
  readonly #exit = process.exit.bind(process);

  constructor(report: Report) {
    this.report = report;
  }

  watch(): void {
    process.on('uncaughtException', (error) => {
      this.#logAndEnd('Uncaught Exception', error, EXIT_CODES.uncaughtException);
    });
    process.on('unhandledRejection', (reason, promise) => {
      const error = Object.assign(runtimeError('UnhandledPromiseRejection', reason), { reason, promise });
      this.#logAndEnd('Unhandled Promise Rejection', error, EXIT_CODES.unhandledRejection);
    });
  }

  /** Ends the process when `error` was reported. AWS's client holds up all else until then; here what fails meanwhile is ignored. */
  end(error: unknown, exitCode: number): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    void this.report(errorDocument(error)).then(() => this.#exit(exitCode));
  }

  #logAndEnd(label: string, error: unknown, exitCode: number): void {
    if (this.#isEnding) return;
    logError(label, error);
    this.end(error, exitCode);
  }
}
