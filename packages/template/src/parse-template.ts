import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Pair, parseDocument } from 'yaml';
import type { Problems } from './problems.ts';
import {
  listNode,
  type MapEntry,
  mapNode,
  type Position,
  type ScalarValue,
  scalarNode,
  type TemplateNode,
  unresolved,
} from './template-node.ts';

/** YAML 1.1 types that CloudFormation takes for plain text (`2012-10-17`, `12:30`) or does not know. */
const FOREIGN_TYPES = /:(?:timestamp|binary|omap|pairs|set)$/;

/** Short forms that are not `Fn::` and their name. */
const UNPREFIXED_TAGS: ReadonlySet<string> = new Set(['Ref', 'Condition']);

/** What an alias may expand to, in nodes: a template is 1 MB at most, so more is a mistake or an attack. */
const MAX_NODES = 200_000;

/**
 * Reads YAML or JSON (which YAML includes) with the place of every key and value. CloudFormation's short forms are written out.
 * Syntax errors become problems; undefined when there were any.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
 */
export function parseTemplate(text: string, file: string, problems: Problems): TemplateNode | undefined {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter,
    prettyErrors: false,
    // CloudFormation and the SAM CLI read YAML 1.1: `yes` is true, `022` is octal.
    version: '1.1',
    customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || !isForeign(tag)),
  });
  const reader = new NodeReader(document, file, lineCounter, problems);
  for (const error of document.errors) problems.error(reader.position(error.pos[0]), sentence(error.message));
  if (document.errors.length > 0) return undefined;
  return reader.read(document.contents);
}

const isForeign = (tag: { tag: string; format?: string }) => FOREIGN_TYPES.test(tag.tag) || tag.format === 'TIME';

const sentence = (message: string) => (/[.!?]$/.test(message) ? message : `${message}.`);

class NodeReader {
  readonly #document: Document;
  readonly #file: string;
  readonly #lineCounter: LineCounter;
  readonly #problems: Problems;
  #nodeCount = 0;

  constructor(document: Document, file: string, lineCounter: LineCounter, problems: Problems) {
    this.#document = document;
    this.#file = file;
    this.#lineCounter = lineCounter;
    this.#problems = problems;
  }

  position(offset: number): Position {
    const { line, col } = this.#lineCounter.linePos(offset);
    return { file: this.#file, line: Math.max(1, line), column: Math.max(1, col) };
  }

  read(node: unknown): TemplateNode {
    const at = this.position(offsetOf(node));
    this.#nodeCount += 1;
    if (this.#nodeCount > MAX_NODES) {
      this.#problems.error(at, `The template holds more than ${MAX_NODES} values.`);
      return unresolved(at);
    }
    if (isAlias(node)) return this.read(node.resolve(this.#document));
    const value = this.#untagged(node, at);
    const tag = tagOf(node);
    return tag === undefined ? value : this.#function(tag, value, at);
  }

  #untagged(node: unknown, at: Position): TemplateNode {
    if (isMap(node)) return mapNode(at, this.#entries(node.items));
    if (isSeq(node))
      return listNode(
        at,
        node.items.map((item) => this.read(item)),
      );
    if (isScalar(node)) return scalarNode(at, scalarValue(node.value, node.source));
    return scalarNode(at, null);
  }

  #entries(pairs: readonly Pair[]): Map<string, MapEntry> {
    const own = new Map<string, MapEntry>();
    const merged = new Map<string, MapEntry>();
    for (const pair of pairs) {
      if (this.#isJsonComment(pair.key)) continue;
      const name = keyName(pair.key);
      const value = this.read(pair.value ?? pair.key);
      const entry = { at: this.position(offsetOf(pair.key)), value: pair.value === null ? nullAt(value.at) : value };
      if (name === MERGE_KEY) for (const [key, inner] of mergedEntries(value)) merged.set(key, inner);
      else own.set(name, entry);
    }
    return new Map([...merged, ...own]);
  }

  /** YAML takes a comment of JSON's relatives, and the quoted key below it, for one plain key. */
  #isJsonComment(key: unknown): boolean {
    if (!isScalar(key) || key.type !== 'PLAIN' || !/^\/[/*]/.test(key.source ?? '')) return false;
    this.#problems.error(this.position(offsetOf(key)), 'JSON has no comments: remove this one.');
    return true;
  }

  /** `!Sub x` as `{ Fn::Sub: x }`. */
  #function(tag: string, argument: TemplateNode, at: Position): TemplateNode {
    const name = UNPREFIXED_TAGS.has(tag) ? tag : `Fn::${tag}`;
    return mapNode(at, [[name, { at, value: argument }]]);
  }
}

const MERGE_KEY = '<<';

const nullAt = (at: Position) => scalarNode(at, null);

function mergedEntries(value: TemplateNode): Iterable<[string, MapEntry]> {
  if (value.kind === 'map') return value.entries;
  if (value.kind !== 'list') return [];
  // The first of several wins.
  return value.items.toReversed().flatMap((item) => (item.kind === 'map' ? [...item.entries] : []));
}

const offsetOf = (node: unknown): number => (node as { range?: [number, number, number] } | null)?.range?.[0] ?? 0;

function keyName(key: unknown): string {
  if (!isScalar(key)) return String(key);
  if (typeof key.value === 'symbol') return MERGE_KEY;
  return key.source ?? String(key.value);
}

/** The short form's name without `!`; YAML's own tags (`!!str`) are none. */
function tagOf(node: unknown): string | undefined {
  const tag = (node as { tag?: string } | null)?.tag;
  return tag?.startsWith('!') && tag.length > 1 ? tag.slice(1) : undefined;
}

function scalarValue(value: unknown, source: string | undefined): ScalarValue {
  // The library takes a lone dot, as in `CodeUri: .`, for a float without digits.
  if (Number.isNaN(value) && source !== undefined && !/nan/i.test(source)) return source;
  // An account id or a hash in digits is more than a double can hold.
  if (typeof value === 'number')
    return Number.isSafeInteger(value) || !Number.isInteger(value) ? value : (source ?? value);
  // YAML 1.1 takes a bare y or n for a boolean, the readers that templates are written for do not.
  if (typeof value === 'boolean' && source?.length === 1) return source;
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  return source ?? String(value);
}
