import { randomUUID } from 'node:crypto';
import { AwsError, type FunctionConfiguration, functionArn, Turns } from '@spillway/wire';
import { FunctionPolicy } from '../function-policy.ts';
import type { LambdaFunction } from '../lambda-function.ts';
import { aliasVersion } from './aliases.ts';
import { type FunctionDocument, LATEST, policyOf, type VersionDocument } from './function-document.ts';
import { newTransition, refuseChange, SETTLE_MS, type Transition } from './transition.ts';

export interface RegisteredFunctionOptions {
  readonly document: FunctionDocument;
  readonly region: string;
  /** From a template: it is made anew at each start, and not kept. */
  readonly isFromTemplate: boolean;
  /** A version's environments; nothing of them is made yet. */
  readonly makeVersion: (version: VersionDocument, document: FunctionDocument) => LambdaFunction;
  /** Makes a document outlive the process. */
  readonly write: (document: FunctionDocument) => Promise<void>;
  /** Nothing runs any more that was named before a change. */
  readonly onRetired: () => void;
}

/** A function by its name: $LATEST, published versions, aliases, policies and tags, and the environments of each version. */
export class RegisteredFunction {
  readonly name: string;
  readonly arn: string;
  readonly isFromTemplate: boolean;
  readonly #options: RegisteredFunctionOptions;
  readonly #running = new Map<string, LambdaFunction>();
  #document: FunctionDocument;
  #transition: Transition | undefined;
  readonly #turns = new Turns();
  #settling: Promise<void> = Promise.resolve();
  /** Those of $LATEST before a change, whose invocations are not over. */
  readonly #retiring = new Set<LambdaFunction>();
  #closed = new AbortController();

  constructor(options: RegisteredFunctionOptions) {
    const { document, region, isFromTemplate } = options;
    this.#options = options;
    this.#document = document;
    this.name = document.functionName;
    this.arn = functionArn(region, this.name);
    this.isFromTemplate = isFromTemplate;
  }

  get document(): FunctionDocument {
    return this.#document;
  }

  /** Of a version, `$LATEST` by default. Undefined: it is settled. */
  transition(version: string = LATEST): Transition | undefined {
    if (version === LATEST) return this.#transition;
    // A version is made once and never changed.
    return this.#transition?.version === version ? { ...this.#transition, kind: 'create' } : undefined;
  }

  /** As the API shows it. */
  get revisionId(): string {
    return this.#transition?.revisionId ?? this.#document.latest.revisionId;
  }

  /** Makes $LATEST ready. @throws UsageError when its code is not where it should be. */
  open(): Promise<void> {
    return this.running(LATEST).open();
  }

  /** The environments of a version that there is. */
  running(version: string): LambdaFunction {
    const found = this.#running.get(version);
    if (found !== undefined) return found;
    const made = this.#make(this.#version(version) ?? this.#document.latest);
    this.#running.set(version, made);
    return made;
  }

  /** What a qualifier leads to. Undefined: there is no such version or alias. */
  resolve(qualifier: string | undefined): VersionDocument | undefined {
    return this.#version(aliasVersion(this.#document, qualifier ?? LATEST) ?? qualifier ?? LATEST);
  }

  policy(qualifier: string | undefined): FunctionPolicy {
    return new FunctionPolicy(policyOf(this.#document, qualifier ?? LATEST)?.statements);
  }

  /**
   * Makes one change after the other; each is kept before it counts. What `next` throws leaves all as it was.
   * @throws Error when the disk refuses.
   */
  change<T>(next: (document: FunctionDocument) => readonly [FunctionDocument, T]): Promise<T> {
    return this.#turns.run(async () => {
      const [document, result] = next(this.#document);
      await this.#keep(document);
      return result;
    });
  }

  /** A change of $LATEST's code or settings: it serves invocations once it has settled. @throws AwsError `ResourceConflictException`. */
  changeLatest<T>(next: (document: FunctionDocument) => readonly [FunctionDocument, T]): Promise<T> {
    return this.#turns.run(async () => {
      refuseChange(this.#transition, this.arn);
      const { nextVersion } = this.#document;
      const [document, result] = next(this.#document);
      await this.#keep(document);
      this.settle('update', document.nextVersion > nextVersion ? String(nextVersion) : undefined);
      return result;
    });
  }

  /** Begins to make $LATEST ready, and the version that was published with it, if any. */
  settle(kind: Transition['kind'], version?: string): void {
    this.#transition = newTransition(kind, version);
    this.#settling = this.#settle(this.#transition).catch(() => {});
  }

  /** After all changes that have begun; none comes after it. @throws AwsError `ResourceNotFoundException` when it was deleted before. */
  async delete(remove: () => Promise<void>): Promise<void> {
    await this.#turns.run(async () => {
      this.#closed.signal.throwIfAborted();
      await remove();
      this.#closed.abort(new AwsError('ResourceNotFoundException', { message: `Function not found: ${this.arn}` }));
    });
    await this.close();
  }

  /** Ends what runs. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.#settling;
    await Promise.all([...this.#running.values(), ...this.#retiring].map((each) => each.close()));
  }

  /** Ends the environments of a version that is no more. */
  async closeVersion(version: string): Promise<void> {
    const found = this.#running.get(version);
    this.#running.delete(version);
    await found?.close();
  }

  #version(version: string): VersionDocument | undefined {
    const { latest, versions } = this.#document;
    return [latest, ...versions].find((each) => each.version === version);
  }

  #make(version: VersionDocument): LambdaFunction {
    return this.#options.makeVersion(version, this.#document);
  }

  async #keep(document: FunctionDocument): Promise<void> {
    this.#closed.signal.throwIfAborted();
    await this.#options.write(document);
    this.#document = document;
  }

  async #settle(transition: Transition): Promise<void> {
    const made = this.#make(this.#document.latest);
    try {
      await Promise.all([made.open(), this.#pause()]);
      const before = this.#running.get(LATEST);
      this.#running.set(LATEST, made);
      this.#transition = undefined;
      if (before !== undefined) void this.#retire(before);
    } catch (error) {
      void made.close();
      this.#transition = { ...transition, revisionId: randomUUID(), failure: (error as Error).message };
    }
  }

  async #retire(before: LambdaFunction): Promise<void> {
    this.#retiring.add(before);
    await before.retire().catch(() => {});
    this.#retiring.delete(before);
    this.#options.onRetired();
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, SETTLE_MS);
      this.#closed.signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

/** A document of a function that is new. */
export function newDocument(
  functionName: string,
  latest: Omit<VersionDocument, 'version' | 'revisionId'>,
  more: Pick<FunctionConfiguration, 'tags' | 'reservedConcurrentExecutions'>,
): FunctionDocument {
  const { tags = {}, reservedConcurrentExecutions } = more;
  return {
    functionName,
    latest: { ...latest, version: LATEST, revisionId: randomUUID() },
    versions: [],
    nextVersion: 1,
    aliases: [],
    policies: {},
    tags,
    ...(reservedConcurrentExecutions !== undefined && { reservedConcurrentExecutions }),
  };
}
