import { isNoValue, resolve, type Scope } from './intrinsic-functions.ts';
import { type MapEntry, type Position, type TemplateNode, textOf } from './template-node.ts';

export interface IntegerRange {
  readonly min: number;
  readonly max: number;
}

/**
 * Reads named properties of one map, each resolved when asked for. What is of the wrong kind is reported and reads as undefined; so
 * does what could not be resolved, which was reported before.
 */
export class Properties {
  /** Where the map begins. */
  readonly start: Position;
  /** How messages call it: `DownloadFunction`, `MyApi.EndpointConfiguration`. */
  readonly label: string;
  readonly #entries: ReadonlyMap<string, MapEntry>;
  readonly #scope: Scope;
  readonly #resolved = new Map<string, TemplateNode | undefined>();

  constructor(label: string, start: Position, entries: ReadonlyMap<string, MapEntry>, scope: Scope) {
    this.label = label;
    this.start = start;
    this.#entries = entries;
    this.#scope = scope;
  }

  /** Without those that a condition turns into `AWS::NoValue`. */
  get names(): readonly string[] {
    return [...this.#entries].filter(([, { value }]) => !isNoValue(value, this.#scope)).map(([name]) => name);
  }

  /** Where the property stands; where the map begins when it is absent. */
  at(name: string): Position {
    return this.#entries.get(name)?.at ?? this.start;
  }

  has(name: string): boolean {
    return this.node(name) !== undefined;
  }

  /** Undefined when absent, null, or `AWS::NoValue`. */
  node(name: string): TemplateNode | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    if (!this.#resolved.has(name)) this.#resolved.set(name, resolve(entry.value, this.#scope));
    const node = this.#resolved.get(name);
    return node?.kind === 'scalar' && node.value === null ? undefined : node;
  }

  text(name: string): string | undefined {
    const node = this.node(name);
    if (node === undefined || node.kind === 'unresolved') return undefined;
    return textOf(node) ?? this.#wrong(name, 'text');
  }

  requiredText(name: string): string | undefined {
    if (!this.has(name)) this.#scope.problems.error(this.start, `${this.label} has no ${name}.`);
    return this.text(name);
  }

  /** One of `values`, as AWS spells them. */
  oneOf<T extends string>(name: string, values: readonly T[]): T | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    return values.find((value) => value === text) ?? this.#wrong(name, `one of ${values.join(', ')}`);
  }

  integer(name: string, { min, max }: IntegerRange): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const number = text.trim() === '' ? Number.NaN : Number(text);
    if (Number.isInteger(number) && number >= min && number <= max) return number;
    return this.#wrong(name, `a whole number from ${min} to ${max}`);
  }

  boolean(name: string): boolean | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (text.toLowerCase() === 'true') return true;
    return text.toLowerCase() === 'false' ? false : this.#wrong(name, 'true or false');
  }

  list(name: string): readonly TemplateNode[] {
    const node = this.node(name);
    if (node === undefined || node.kind === 'unresolved') return [];
    return node.kind === 'list' ? node.items : (this.#wrong(name, 'a list') ?? []);
  }

  texts(name: string): string[] {
    return this.list(name).flatMap((item) => {
      if (item.kind === 'unresolved') return [];
      return textOf(item) ?? this.#wrong(name, 'a list of texts') ?? [];
    });
  }

  /** Names and texts. */
  record(name: string): Record<string, string> {
    const node = this.node(name);
    if (node === undefined || node.kind === 'unresolved') return {};
    if (node.kind !== 'map') return this.#wrong(name, 'a map') ?? {};
    const pairs = [...node.entries].flatMap(([key, { value }]): [string, string][] => {
      if (value.kind === 'unresolved') return [];
      const text = textOf(value) ?? this.#wrong(name, `a map of texts: ${key} is none`);
      return text === undefined ? [] : [[key, text]];
    });
    return Object.fromEntries(pairs);
  }

  map(name: string): Properties | undefined {
    const node = this.node(name);
    if (node === undefined || node.kind === 'unresolved') return undefined;
    return node.kind === 'map' ? this.nested(name, node) : this.#wrong(name, 'a map');
  }

  /** The maps of a list. */
  maps(name: string): Properties[] {
    return this.list(name).flatMap((item) => {
      if (item.kind === 'unresolved') return [];
      return item.kind === 'map' ? this.nested(name, item) : (this.#wrong(name, 'a list of maps') ?? []);
    });
  }

  nested(name: string, node: TemplateNode & { kind: 'map' }): Properties {
    return new Properties(`${this.label}.${name}`, node.at, node.entries, this.#scope);
  }

  #wrong(name: string, wanted: string): undefined {
    this.#scope.problems.error(this.at(name), `${name} of ${this.label} must be ${wanted}.`);
  }
}
