import type { Input } from './input.ts';
import { badRequest, invalidValue } from './refusal.ts';

// Same as API Gateway: which operations each path takes, and its words for those that it refuses. All patches of a request are applied, in
// their order, or none is.

const OPS = ['add', 'remove', 'move', 'test', 'replace', 'copy'] as const;
type Op = (typeof OPS)[number];

export interface PatchOperation {
  readonly op: Op;
  /** As sent: `/` within a key is written `~1`. */
  readonly path: string;
  readonly value: string | undefined;
}

/** What a path changes. */
export interface PatchPath<Model> {
  /** `/requestParameters/{name}`; a part in braces is any key. */
  readonly path: string;
  readonly ops: readonly Op[];
  /** `keys` are those of the parts in braces, decoded. A value that was not sent is empty. */
  readonly apply: (model: Model, value: string, keys: readonly string[], op: Op) => Model;
}

/** @throws AwsError `ValidationException` for what is no operation at all. */
export function readPatchOperations(input: Input): PatchOperation[] {
  return (input.objects('patchOperations') ?? []).map((patch) => {
    const op = patch.oneOf('op', OPS);
    if (op === undefined) throw badRequest('Invalid patch operation specified. The op is missing');
    return { op, path: patch.requiredText('path'), value: patch.text('value') };
  });
}

/** What is said of a path that nobody knows. */
type UnknownPath<Model> = (patch: PatchOperation, paths: readonly PatchPath<Model>[]) => Error;

const mustBeOneOf = <Model>({ op, path }: PatchOperation, paths: readonly PatchPath<Model>[]) =>
  badRequest(
    `Invalid patch path  '${path}' specified for op '${op}'. Must be one of: [${paths
      .filter(({ ops }) => ops.includes(op))
      .map((known) => known.path)
      .join(', ')}]`,
  );

/** @throws AwsError for an unknown path or an operation that the path does not take. */
export function applyPatches<Model>(
  model: Model,
  patches: readonly PatchOperation[],
  paths: readonly PatchPath<Model>[],
  unknownPath: UnknownPath<Model> = mustBeOneOf,
): Model {
  return patches.reduce((current, patch) => applyPatch(current, patch, paths, unknownPath), model);
}

function applyPatch<Model>(
  model: Model,
  patch: PatchOperation,
  paths: readonly PatchPath<Model>[],
  unknownPath: UnknownPath<Model>,
): Model {
  for (const known of paths) {
    const keys = keysOf(known.path, patch.path);
    if (keys === undefined) continue;
    if (!known.ops.includes(patch.op)) {
      throw badRequest(`Invalid patch operation specified. Must be one of: [${known.ops.join(', ')}]`);
    }
    return known.apply(model, patch.value ?? '', keys, patch.op);
  }
  throw unknownPath(patch, paths);
}

/** The parts of `path` that stand for those in braces; undefined when it is another path. */
function keysOf(pattern: string, path: string): string[] | undefined {
  const parts = path.split('/');
  const wanted = pattern.split('/');
  if (parts.length !== wanted.length) return undefined;
  const fits = wanted.every((part, index) => (part.startsWith('{') ? parts[index] !== '' : part === parts[index]));
  if (!fits) return undefined;
  return parts.filter((_, index) => wanted[index]?.startsWith('{')).map(decoded);
}

/** @see https://www.rfc-editor.org/rfc/rfc6901#section-4 */
const decoded = (part: string) => part.replaceAll('~1', '/').replaceAll('~0', '~');

/** `record` after an operation on one of its keys. */
export function patchedRecord<Value>(
  record: Readonly<Record<string, Value>>,
  key: string,
  op: Op,
  value: Value,
): Record<string, Value> {
  const { [key]: _, ...others } = record;
  return op === 'remove' ? others : { ...others, [key]: value };
}

const ENTRY_OPS: readonly Op[] = ['add', 'replace', 'remove'];
type WithRecord<Property extends string, Value> = { readonly [P in Property]?: Readonly<Record<string, Value>> };

/** `/requestTemplates/{type}`: the entries of a model's record, each added, replaced and removed by itself. */
export const textEntries = <Property extends string, Model extends WithRecord<Property, string>>(
  property: Property,
  key: 'name' | 'type',
): PatchPath<Model> => ({
  path: `/${property}/{${key}}`,
  ops: ENTRY_OPS,
  apply: (model, value, [name = ''], op) => ({
    ...model,
    [property]: patchedRecord<string>(model[property] ?? {}, name, op, value),
  }),
});

/** `/requestParameters/{name}` of a method: whether each is required; not, if that is not said. */
export const flagEntries = <Property extends string, Model extends WithRecord<Property, boolean>>(
  property: Property,
): PatchPath<Model> => ({
  path: `/${property}/{name}`,
  ops: ENTRY_OPS,
  apply: (model, value, [name = ''], op) => {
    const isRequired = op !== 'remove' && value !== '' && patchedFlag(value, `/${property}/${name}`);
    return { ...model, [property]: patchedRecord<boolean>(model[property] ?? {}, name, op, isRequired) };
  },
});

/** @throws AwsError */
export function patchedFlag(value: string, path: string): boolean {
  if (value.toLowerCase() === 'true') return true;
  if (value.toLowerCase() === 'false') return false;
  throw badRequest(`Invalid patch value specified for path ${path}: ${value}. Must be true or false`);
}

/** NaN for what is no whole number in decimal digits; its path says what may be. */
export const patchedInteger = (value: string): number => (/^-?\d{1,15}$/.test(value) ? Number(value) : Number.NaN);

/** @throws AwsError `ValidationException` */
export function patchedOneOf<Value extends string>(value: string, values: readonly Value[], at: string): Value {
  const known = values.find((candidate) => candidate === value);
  if (known !== undefined) return known;
  throw invalidValue(`'${value}'`, at, `satisfy enum value set: [${values.join(', ')}]`);
}
