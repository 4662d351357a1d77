import { RuntimeApiError } from '../runtime-api/errors.ts';
import { Extension, type ExtensionEvent, type ExtensionEventType } from './extension.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html */
export const MAX_EXTENSIONS = 10;

/** The extensions of one environment since its processes were started last. */
export class ExtensionRegistry {
  readonly #extensions = new Map<string, Extension>();
  #isClosed = false;
  #reportedErrorType: string | undefined;

  get all(): readonly Extension[] {
    return [...this.#extensions.values()];
  }

  /** Of an extension that said itself that it failed: names the failure when a process ends then. */
  get reportedErrorType(): string | undefined {
    return this.#reportedErrorType;
  }

  /** An extension that is about to be started. */
  addExternal(name: string): Extension {
    return this.#add(new Extension(name, 'external'));
  }

  /** @throws RuntimeApiError 403 for a name that is no file's, an event that there is not, a wrong state, or one too many. */
  register(name: string, events: readonly string[]): Extension {
    const external = this.#named(name, 'external');
    const known = events.map((event) => eventTypeOf(event, external !== undefined));
    const extension = external ?? this.#newInternal(name);
    extension.register(known);
    return extension;
  }

  /** @throws RuntimeApiError 403 `Extension.UnknownExtensionIdentifier`. */
  get(id: string, message?: string): Extension {
    const extension = this.#extensions.get(id.toLowerCase());
    if (!extension) throw new RuntimeApiError('Extension.UnknownExtensionIdentifier', message);
    return extension;
  }

  report(extension: Extension, state: 'InitError' | 'ExitError', errorType: string): void {
    extension.fail(state, errorType);
    this.#reportedErrorType ??= `Extension.${state}`;
  }

  /** The runtime has asked for its first event: nobody else may register. */
  close(): void {
    this.#isClosed = true;
  }

  deliver(event: ExtensionEvent): void {
    for (const extension of this.all) if (extension.isSubscribedTo(event.eventType)) extension.deliver(event);
  }

  clear(): void {
    this.#extensions.clear();
    this.#isClosed = false;
    this.#reportedErrorType = undefined;
  }

  #newInternal(name: string): Extension {
    if (this.#isClosed) throw new RuntimeApiError('Extension.RegistrationClosed');
    if (this.#extensions.size >= MAX_EXTENSIONS) throw new RuntimeApiError('Extension.TooManyExtensions');
    if (this.#named(name, 'internal')) {
      throw new RuntimeApiError('Extension.InvalidExtensionState', 'Extension with this name already registered');
    }
    return this.#add(new Extension(name, 'internal'));
  }

  #named(name: string, kind: Extension['kind']): Extension | undefined {
    return this.all.find((extension) => extension.kind === kind && extension.name === name);
  }

  #add(extension: Extension): Extension {
    this.#extensions.set(extension.id, extension);
    return extension;
  }
}

function eventTypeOf(event: string, isExternal: boolean): ExtensionEventType {
  if (event === 'INVOKE') return event;
  if (event !== 'SHUTDOWN') throw new RuntimeApiError('Extension.InvalidEventType', `${event}: ErrorInvalidEventType`);
  if (isExternal) return event;
  throw new RuntimeApiError('Extension.InvalidEventType', `${event}: ShutdownEventNotSupportedForInternalExtension`);
}
