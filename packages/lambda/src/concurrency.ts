import { AwsError, type FunctionConfiguration, Turns } from '@spillway/wire';

/**
 * How many invocations run at a time: of the account, and of each function that has its own share reserved.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
 */
export class Concurrency {
  readonly accountLimit: number;
  readonly #running = new Map<string, number>();
  readonly #reserved = new Map<string, number>();
  #unreservedRunning = 0;
  /** Of changes of reservations: each is judged by all others. */
  readonly turns: Turns = new Turns();

  constructor(accountLimit: number) {
    this.accountLimit = accountLimit;
  }

  /** What functions without a reservation share. */
  get unreserved(): number {
    return [...this.#reserved.values()].reduce((rest, count) => rest - count, this.accountLimit);
  }

  /** Takes a function's share off what the others have; 0: every invocation of it is throttled. */
  reserve(functionName: string, count: number): void {
    this.#reserved.set(functionName, count);
  }

  release(functionName: string): void {
    this.#reserved.delete(functionName);
  }

  /** Whether its share is 0: it does not run, however long one waits. */
  isZero({ functionName }: Pick<FunctionConfiguration, 'functionName'>): boolean {
    return this.#reserved.get(functionName) === 0;
  }

  /**
   * Lets an invocation in; the returned function tells that it is over, and does so once.
   * @throws AwsError `TooManyRequestsException`.
   */
  enter({ functionName }: Pick<FunctionConfiguration, 'functionName'>): () => void {
    const limit = this.#reserved.get(functionName);
    let leave: (() => void) | undefined =
      limit === undefined ? this.#enterUnreserved() : this.#enterReserved(functionName, limit);
    return () => {
      leave?.();
      leave = undefined;
    };
  }

  #enterUnreserved(): () => void {
    if (this.#unreservedRunning >= this.unreserved) throw throttled('ConcurrentInvocationLimitExceeded');
    this.#unreservedRunning += 1;
    return () => {
      this.#unreservedRunning -= 1;
    };
  }

  #enterReserved(functionName: string, limit: number): () => void {
    const running = this.#running.get(functionName) ?? 0;
    if (running >= limit) throw throttled('ReservedFunctionConcurrentInvocationLimitExceeded');
    this.#running.set(functionName, running + 1);
    return () => {
      this.#running.set(functionName, (this.#running.get(functionName) ?? 1) - 1);
    };
  }
}

const throttled = (reason: string) => new AwsError('TooManyRequestsException', { details: { Reason: reason } });
