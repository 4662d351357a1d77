import { trimmed } from './header-field.ts';

/** One range as asked for, before the size is known. Bytes, inclusive. */
export type RangeSpec =
  | { readonly first: number; readonly last?: number | undefined }
  | { readonly suffixBytes: number };

/** A range of an object, in bytes, inclusive. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

const ELEMENT = /^(?:(\d+)-(\d*)|-(\d+))$/;

/**
 * Reads a `Range` header. Undefined means that there is none that counts: another unit, or one that breaks the grammar anywhere,
 * `5-2` included. A number beyond 2^53 stands for "behind the end".
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-14.1.1
 */
export function parseRange(header: string | undefined): readonly RangeSpec[] | undefined {
  const [, set] = /^bytes=(.*)$/is.exec(trimmed(header ?? '')) ?? [];
  const elements = (set ?? '').split(',').map(trimmed);
  const specs: RangeSpec[] = [];
  for (const element of elements) {
    if (element === '') continue;
    const spec = parseSpec(element);
    if (spec === undefined) return undefined;
    specs.push(spec);
  }
  return specs.length === 0 ? undefined : specs;
}

function parseSpec(element: string): RangeSpec | undefined {
  const [, first, last = '', suffix] = ELEMENT.exec(element) ?? [];
  if (suffix !== undefined) return { suffixBytes: bounded(suffix) };
  if (first === undefined) return undefined;
  if (last === '') return { first: bounded(first) };
  return isLess(last, first) ? undefined : { first: bounded(first), last: bounded(last) };
}

const bounded = (digits: string) => Math.min(Number(digits), Number.MAX_SAFE_INTEGER);

/** Of numbers of any length. */
function isLess(one: string, other: string): boolean {
  const [a, b] = [one, other].map((digits) => digits.replace(/^0+/, '')) as [string, string];
  return a.length === b.length ? a < b : a.length < b.length;
}

/** Undefined when no byte of the object is in it. For an empty object no range has a byte. */
export function resolveRange(spec: RangeSpec, sizeBytes: number): ByteRange | undefined {
  const end = sizeBytes - 1;
  const range =
    'suffixBytes' in spec
      ? { first: Math.max(0, sizeBytes - spec.suffixBytes), last: end }
      : { first: spec.first, last: Math.min(spec.last ?? end, end) };
  return range.first <= range.last ? range : undefined;
}

/** The bytes to send: all, one range, or none that could be sent. */
export type Selection = 'whole' | 'unsatisfiable' | ByteRange;

/**
 * Several ranges are answered by one when they touch or overlap, otherwise by the whole object, which RFC 9110 lets a server do;
 * never by `multipart/byteranges`. A suffix of an empty object is satisfiable, but nothing a Content-Range could say: the whole.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-14.2
 */
export function selectRange(specs: readonly RangeSpec[], sizeBytes: number): Selection {
  if (sizeBytes === 0) return specs.some(isSuffix) ? 'whole' : 'unsatisfiable';
  const ranges = specs
    .flatMap((spec) => resolveRange(spec, sizeBytes) ?? [])
    .sort((one, other) => one.first - other.first);
  const [lowest, ...others] = ranges;
  if (lowest === undefined) return 'unsatisfiable';
  let { last } = lowest;
  for (const range of others) {
    if (range.first > last + 1) return 'whole';
    last = Math.max(last, range.last);
  }
  return { first: lowest.first, last };
}

const isSuffix = (spec: RangeSpec) => 'suffixBytes' in spec && spec.suffixBytes > 0;
