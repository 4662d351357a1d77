import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { RuntimeApiError } from '../runtime-api/errors.ts';
import { sendJson } from '../runtime-api/replies.ts';

/** What an extension may be in, by the names in AWS's messages and log lines. */
export type ExtensionState = 'Started' | 'LaunchError' | 'Registered' | 'Ready' | 'Running' | 'InitError' | 'ExitError';

export type ExtensionEventType = 'INVOKE' | 'SHUTDOWN';

/** External: a process of its own, started from /opt/extensions. Internal: a thread or a child of the runtime. */
export type ExtensionKind = 'external' | 'internal';

/** An event as an extension gets it. `deadlineMs` is Unix time. */
export type ExtensionEvent =
  | {
      readonly eventType: 'INVOKE';
      readonly deadlineMs: number;
      readonly requestId: string;
      readonly invokedFunctionArn: string;
      readonly tracing?: { readonly type: 'X-Amzn-Trace-Id'; readonly value: string };
    }
  | { readonly eventType: 'SHUTDOWN'; readonly deadlineMs: number; readonly shutdownReason: ShutdownReason };

/** As AWS's emulator writes it; the documentation has upper case. */
export type ShutdownReason = 'spindown' | 'timeout' | 'failure';

/** From which states a call leads to the state on the left. */
const ALLOWED: Partial<Record<ExtensionState, readonly ExtensionState[]>> = {
  Registered: ['Started'],
  Ready: ['Registered', 'Running'],
  InitError: ['Registered', 'InitError'],
  ExitError: ['Registered', 'Ready', 'Running', 'ExitError'],
};

/**
 * One extension, as the Extensions API sees it.
 * @see https://github.com/aws/aws-lambda-runtime-interface-emulator (lambda/core/internalagent_states.go)
 */
export class Extension {
  readonly id: string = randomUUID();
  readonly name: string;
  readonly kind: ExtensionKind;
  #state: ExtensionState = 'Started';
  #events: ReadonlySet<ExtensionEventType> = new Set();
  #errorType: string | undefined;
  #waiting: ServerResponse | undefined;
  /** Arrived while the extension was busy with another one. */
  #due: ExtensionEvent | undefined;

  constructor(name: string, kind: ExtensionKind) {
    this.name = name;
    this.kind = kind;
  }

  get state(): ExtensionState {
    return this.#state;
  }

  /** What it subscribed to, in its own order. */
  get events(): readonly ExtensionEventType[] {
    return [...this.#events];
  }

  /** Its own, or `PermissionDenied`, `TooManyExtensions`, `UnknownError` when it could not be launched. */
  get errorType(): string | undefined {
    return this.#errorType;
  }

  isSubscribedTo(eventType: ExtensionEventType): boolean {
    return this.#events.has(eventType);
  }

  /** @throws RuntimeApiError 403 `Extension.InvalidExtensionState`, as all its calls. */
  register(events: readonly ExtensionEventType[]): void {
    this.#enter('Registered', this.name);
    this.#events = new Set(events);
  }

  /** Asks for an event; `response` is answered when there is one. */
  next(response: ServerResponse): void {
    this.#enter('Ready');
    this.#waiting = response;
  }

  /** Hands over an event that came while the extension was busy. */
  handOverDue(): void {
    const due = this.#due;
    this.#due = undefined;
    if (due) this.deliver(due);
  }

  deliver(event: ExtensionEvent): void {
    const waiting = this.#waiting;
    if (!waiting) {
      this.#due = event;
      return;
    }
    this.#waiting = undefined;
    this.#state = 'Running';
    sendEvent(waiting, event);
  }

  /** Its own report. Of several only the first counts. */
  fail(state: 'InitError' | 'ExitError', errorType: string): void {
    this.#enter(state, this.id, state === 'ExitError' ? 'Exited' : state);
    this.#errorType ??= errorType;
  }

  /** The server's finding: its file can't be executed. */
  launchFailed(errorType: string): void {
    this.#state = 'LaunchError';
    this.#errorType = errorType;
  }

  #enter(state: ExtensionState, called: string = this.id, shown: string = state): void {
    if (!ALLOWED[state]?.includes(this.#state)) {
      throw new RuntimeApiError(
        'Extension.InvalidExtensionState',
        `State transition from ${this.#state} to ${shown} failed for extension ${called}. Error: State transition is not allowed`,
      );
    }
    this.#state = state;
  }
}

function sendEvent(response: ServerResponse, event: ExtensionEvent): void {
  const identifier = { 'Lambda-Extension-Event-Identifier': randomUUID() };
  sendJson(response, 200, event, event.eventType === 'INVOKE' ? identifier : {});
}
