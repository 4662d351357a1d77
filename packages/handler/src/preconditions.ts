import { type EntityTag, matchesStrongly, matchesWeakly, parseEntityTag, parseEntityTags } from './entity-tag.ts';
import { trimmed } from './header-field.ts';
import { parseHttpDate } from './http-date.ts';
import { parseRange, type RangeSpec, type Selection, selectRange } from './range.ts';

/** What a request says about when and which bytes, read but not yet held against an object. */
export interface Conditions {
  readonly ifMatch: '*' | readonly EntityTag[] | undefined;
  readonly ifUnmodifiedSinceMs: number | undefined;
  readonly ifNoneMatch: '*' | readonly EntityTag[] | undefined;
  readonly ifModifiedSinceMs: number | undefined;
  /** Only beside a Range; what is neither a tag nor a date never holds. */
  readonly ifRange: EntityTag | number | 'never' | undefined;
  /** Undefined: all bytes. */
  readonly ranges: readonly RangeSpec[] | undefined;
}

export function readConditions(method: string, headers: ReadonlyMap<string, string>, nowMs: number): Conditions {
  const tags = (name: string) => {
    const field = headers.get(name);
    return field === undefined ? undefined : parseEntityTags(field);
  };
  const dateMs = (name: string) => parseHttpDate(trimmed(headers.get(name) ?? ''), nowMs);
  // Range, and with it If-Range, is defined for GET alone.
  const ranges = method === 'GET' ? parseRange(headers.get('range')) : undefined;
  return {
    ifMatch: tags('if-match'),
    ifUnmodifiedSinceMs: dateMs('if-unmodified-since'),
    ifNoneMatch: tags('if-none-match'),
    ifModifiedSinceMs: dateMs('if-modified-since'),
    ifRange: ranges === undefined ? undefined : readIfRange(headers.get('if-range'), nowMs),
    ranges,
  };
}

function readIfRange(field: string | undefined, nowMs: number): Conditions['ifRange'] {
  if (field === undefined) return undefined;
  const validator = trimmed(field);
  return parseEntityTag(validator) ?? parseHttpDate(validator, nowMs) ?? 'never';
}

/** The validators of an object. */
export interface Validators {
  readonly eTag: EntityTag | undefined;
  /** Whole seconds. */
  readonly lastModifiedMs: number | undefined;
  /** Undefined when the store does not say. */
  readonly sizeBytes: number | undefined;
}

/** What to do with a GET or HEAD: send these bytes, or answer with this status. */
export type Decision = Selection | 'not-modified' | 'precondition-failed';

/**
 * Evaluates in RFC 9110's order: If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since, If-Range, Range.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2
 */
export function decide(conditions: Conditions, object: Validators): Decision {
  if (!isAsExpected(conditions, object)) return 'precondition-failed';
  if (!isNewer(conditions, object)) return 'not-modified';
  const { ranges } = conditions;
  if (ranges === undefined || object.sizeBytes === undefined || !ifRangeHolds(conditions.ifRange, object))
    return 'whole';
  return selectRange(ranges, object.sizeBytes);
}

function isAsExpected({ ifMatch, ifUnmodifiedSinceMs }: Conditions, { eTag, lastModifiedMs }: Validators): boolean {
  if (ifMatch !== undefined) return ifMatch === '*' || ifMatch.some((tag) => matchesStrongly(tag, eTag));
  if (ifUnmodifiedSinceMs === undefined || lastModifiedMs === undefined) return true;
  return lastModifiedMs <= ifUnmodifiedSinceMs;
}

function isNewer({ ifNoneMatch, ifModifiedSinceMs }: Conditions, { eTag, lastModifiedMs }: Validators): boolean {
  if (ifNoneMatch !== undefined) return ifNoneMatch !== '*' && !ifNoneMatch.some((tag) => matchesWeakly(tag, eTag));
  if (ifModifiedSinceMs === undefined || lastModifiedMs === undefined) return true;
  return lastModifiedMs > ifModifiedSinceMs;
}

function ifRangeHolds(ifRange: Conditions['ifRange'], { eTag, lastModifiedMs }: Validators): boolean {
  if (ifRange === undefined) return true;
  if (ifRange === 'never') return false;
  return typeof ifRange === 'number' ? ifRange === lastModifiedMs : matchesStrongly(ifRange, eTag);
}
