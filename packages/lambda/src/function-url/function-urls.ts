import { randomBytes } from 'node:crypto';
import {
  AwsError,
  type FunctionUrlConfiguration,
  functionArn,
  functionUrlId,
  MemoryState,
  type StateStore,
  type StateTable,
  Turns,
} from '@spillway/wire';
import { type FunctionReference, parseFunctionName } from '../function-name.ts';
import type { Functions } from '../functions.ts';

/** A function URL as it stands. */
export interface FunctionUrl {
  readonly urlId: string;
  readonly configuration: FunctionUrlConfiguration;
  /** ISO 8601. */
  readonly creationTime: string;
  readonly lastModifiedTime: string;
}

export interface FunctionUrlsOptions {
  readonly region: string;
  readonly functions: Functions;
  /** Of the server: `http://127.0.0.1:PORT`. */
  readonly endpointUrl: string;
  /** What the API makes outlives the process, where this does. */
  readonly state?: StateStore;
}

/** One for a function, and one for each of its aliases. */
export class FunctionUrls {
  readonly #options: FunctionUrlsOptions;
  readonly #table: StateTable<FunctionUrl>;
  /** By name, or name and alias. */
  readonly #urls: Map<string, FunctionUrl>;
  /** Those that a template makes anew at each start. */
  readonly #ofTemplates = new Set<string>();
  readonly #turns = new Turns();

  constructor(options: FunctionUrlsOptions) {
    this.#options = options;
    this.#table = (options.state ?? new MemoryState()).table<FunctionUrl>('lambda-function-urls');
    this.#urls = new Map(this.#table.entries());
  }

  byId(urlId: string): FunctionUrl | undefined {
    return [...this.#urls.values()].find((url) => url.urlId === urlId);
  }

  /** @throws AwsError `ResourceNotFoundException` without such a function or function URL. */
  get(reference: FunctionReference): FunctionUrl {
    this.#assertFunction(reference);
    const found = this.#urls.get(keyOf(reference));
    if (found === undefined) throw noUrl();
    return found;
  }

  /** Of a function and all its aliases. @throws AwsError `ResourceNotFoundException` without such a function. */
  ofFunction(name: string): readonly FunctionUrl[] {
    this.#assertFunction({ name });
    return this.all().filter(({ configuration }) => configuration.functionName === name);
  }

  all(): readonly FunctionUrl[] {
    return [...this.#urls].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, url]) => url);
  }

  /** @throws AwsError `ResourceNotFoundException`, `ResourceConflictException`. */
  create(configuration: FunctionUrlConfiguration): Promise<FunctionUrl> {
    const reference = this.#reference(configuration);
    return this.#turns.run(async () => {
      this.#assertFunction(reference);
      if (this.#urls.has(keyOf(reference))) throw exists(this.functionArn(reference));
      return this.#write(newFunctionUrl(configuration, reference, newUrlId()));
    });
  }

  /**
   * Makes, or replaces, what a template has. Its id stays the same from start to start.
   * @throws AwsError `ResourceNotFoundException`, `ResourceConflictException`.
   */
  async createOfTemplate(configuration: FunctionUrlConfiguration): Promise<FunctionUrl> {
    const reference = this.#reference(configuration);
    const key = keyOf(reference);
    this.#assertFunction(reference);
    if (this.#ofTemplates.has(key)) throw exists(this.functionArn(reference));
    // An earlier one, made by the API, is the template's from now on.
    if (this.#urls.has(key)) await this.delete(reference);
    this.#ofTemplates.add(key);
    return this.#write(newFunctionUrl(configuration, reference, functionUrlId(reference.name, reference.qualifier)));
  }

  /** @throws AwsError `ResourceNotFoundException`. */
  update(
    reference: FunctionReference,
    change: (configuration: FunctionUrlConfiguration) => FunctionUrlConfiguration,
  ): Promise<FunctionUrl> {
    return this.#turns.run(async () => {
      const url = this.get(reference);
      const lastModifiedTime = new Date().toISOString();
      return this.#write({ ...url, lastModifiedTime, configuration: change(url.configuration) });
    });
  }

  /** @throws AwsError `ResourceNotFoundException`. */
  delete(reference: FunctionReference): Promise<void> {
    return this.#turns.run(async () => {
      const found = this.#urls.get(keyOf(reference));
      if (found === undefined) throw noUrl();
      await this.#delete([found]);
    });
  }

  /** A function ends, or, with a qualifier, one of its aliases: so do its function URLs. */
  deleteAllOf({ name, qualifier }: FunctionReference): Promise<void> {
    const isOfIt = ({ configuration }: FunctionUrl) =>
      configuration.functionName === name && (qualifier === undefined || configuration.qualifier === qualifier);
    return this.#turns.run(() => this.#delete(this.all().filter(isOfIt)));
  }

  /** To be called at the start: aliases that a killed server deleted may have left their function URLs. */
  deleteThoseOfNoAlias(): Promise<void> {
    const isOfNoAlias = ({ configuration }: FunctionUrl) => {
      const found = this.#options.functions.find(configuration.functionName);
      // One that is not there yet may be a template's.
      return found !== undefined && found.resolve(configuration.qualifier) === undefined;
    };
    return this.#turns.run(() => this.#delete(this.all().filter(isOfNoAlias)));
  }

  /** `http://{urlId}.lambda-url.{region}.localhost:PORT/` */
  text({ urlId }: FunctionUrl): string {
    return `http://${urlId}.lambda-url.${this.#options.region}.localhost:${new URL(this.#options.endpointUrl).port}/`;
  }

  functionArn({ name, qualifier }: FunctionReference): string {
    return functionArn(this.#options.region, name) + (qualifier === undefined ? '' : `:${qualifier}`);
  }

  /** All or none. */
  async #delete(urls: readonly FunctionUrl[]): Promise<void> {
    const keys = urls.map(({ configuration }) => keyOf(referenceTo(configuration)));
    const kept = keys.filter((key) => !this.#ofTemplates.has(key));
    if (kept.length > 0) await this.#table.write(kept.map((key) => ({ key, value: undefined })));
    for (const key of keys) {
      this.#ofTemplates.delete(key);
      this.#urls.delete(key);
    }
  }

  #reference({ functionName, qualifier }: FunctionUrlConfiguration): FunctionReference {
    const reference = parseFunctionName(functionName, this.#options.region);
    return qualifier === undefined ? reference : { ...reference, qualifier };
  }

  #assertFunction(reference: FunctionReference): void {
    if (this.#options.functions.find(reference.name)?.resolve(reference.qualifier)) return;
    throw new AwsError('ResourceNotFoundException', { message: 'Function does not exist' });
  }

  async #write(url: FunctionUrl): Promise<FunctionUrl> {
    const key = keyOf(referenceTo(url.configuration));
    if (!this.#ofTemplates.has(key)) await this.#table.write([{ key, value: url }]);
    this.#urls.set(key, url);
    return url;
  }
}

export const referenceTo = ({ functionName, qualifier }: FunctionUrlConfiguration): FunctionReference => ({
  name: functionName,
  ...(qualifier !== undefined && { qualifier }),
});

const keyOf = ({ name, qualifier }: FunctionReference) => (qualifier === undefined ? name : `${name}:${qualifier}`);

function newFunctionUrl(
  configuration: FunctionUrlConfiguration,
  { name: functionName }: FunctionReference,
  urlId: string,
): FunctionUrl {
  const creationTime = new Date().toISOString();
  return { urlId, configuration: { ...configuration, functionName }, creationTime, lastModifiedTime: creationTime };
}

/** 32 of `[a-z0-9]`, as on AWS. */
const newUrlId = () =>
  Array.from(randomBytes(32), (byte) => 'abcdefghijklmnopqrstuvwxyz234567'.charAt(byte % 32)).join('');

const noUrl = () =>
  new AwsError('ResourceNotFoundException', { message: 'The resource you requested does not exist.' });

const exists = (arn: string) =>
  new AwsError('ResourceConflictException', {
    message: `Failed to create function url config for [functionArn = ${arn}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
  });
