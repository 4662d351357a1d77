/** A place in a template. Line and column count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export type ScalarValue = string | number | boolean | null;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly at: Position;
  readonly value: ScalarValue;
}

export interface ListNode {
  readonly kind: 'list';
  readonly at: Position;
  readonly items: readonly TemplateNode[];
}

export interface MapEntry {
  /** Of the key. */
  readonly at: Position;
  readonly value: TemplateNode;
}

export interface MapNode {
  readonly kind: 'map';
  readonly at: Position;
  readonly entries: ReadonlyMap<string, MapEntry>;
}

/** Stands for a value that could not be resolved. The reason was reported, so whoever reads it stays silent. */
export interface UnresolvedNode {
  readonly kind: 'unresolved';
  readonly at: Position;
}

/** YAML or JSON with the place of everything; short tags are written out (`!Ref a` is `{ Ref: a }`). */
export type TemplateNode = ScalarNode | ListNode | MapNode | UnresolvedNode;

export const scalarNode = (at: Position, value: ScalarValue): ScalarNode => ({ kind: 'scalar', at, value });

export const listNode = (at: Position, items: readonly TemplateNode[]): ListNode => ({ kind: 'list', at, items });

export const mapNode = (at: Position, entries: Iterable<readonly [string, MapEntry]>): MapNode => ({
  kind: 'map',
  at,
  entries: new Map(entries),
});

export const unresolved = (at: Position): UnresolvedNode => ({ kind: 'unresolved', at });

/** A scalar as CloudFormation passes it on where text is wanted; undefined for anything else. */
export function textOf(node: TemplateNode | undefined): string | undefined {
  return node?.kind === 'scalar' && node.value !== null ? String(node.value) : undefined;
}

export const entryOf = (node: TemplateNode | undefined, key: string): MapEntry | undefined =>
  node?.kind === 'map' ? node.entries.get(key) : undefined;

export const valueAt = (node: TemplateNode | undefined, key: string): TemplateNode | undefined =>
  entryOf(node, key)?.value;

/** As plain data, ready for `JSON.stringify`. */
export function plain(node: TemplateNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plain);
  if (node.kind === 'map') return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, plain(value)]));
  return null;
}

export const holdsUnresolved = (node: TemplateNode): boolean => {
  if (node.kind === 'list') return node.items.some(holdsUnresolved);
  if (node.kind === 'map') return [...node.entries.values()].some(({ value }) => holdsUnresolved(value));
  return node.kind === 'unresolved';
};
