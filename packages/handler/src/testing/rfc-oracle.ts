// What RFC 9110 says of a request, read off its grammar character by character, with numbers of any length: another way than the
// handler's, which uses regular expressions and floating point. Where the RFC leaves a choice, ours is marked "choice".

/** An object as the oracle sees it. */
export interface OracleObject {
  readonly sizeBytes: number;
  /** With quotes and W/, as sent. */
  readonly eTag: string | undefined;
  readonly lastModifiedMs: number | undefined;
}

export interface Expected {
  readonly status: 200 | 206 | 304 | 412 | 416;
  /** First and last byte of the body, inclusive. */
  readonly range?: readonly [first: number, last: number];
}

/** Reads text from the left; every method returns undefined and moves nothing when what it wants is not there. */
class Cursor {
  readonly #text: string;
  offset = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.offset >= this.#text.length;
  }

  peek(): string {
    return this.#text.charAt(this.offset);
  }

  eat(literal: string): boolean {
    if (!this.#text.startsWith(literal, this.offset)) return false;
    this.offset += literal.length;
    return true;
  }

  oneOf(literals: readonly string[]): number | undefined {
    const index = literals.findIndex((literal) => this.#text.startsWith(literal, this.offset));
    if (index < 0) return undefined;
    this.offset += (literals[index] ?? '').length;
    return index;
  }

  /** Exactly `count` digits, or as many as there are. */
  digits(count?: number): string | undefined {
    let end = this.offset;
    while (end < this.#text.length && '0123456789'.includes(this.#text.charAt(end)) && end - this.offset !== count)
      end += 1;
    const digits = this.#text.slice(this.offset, end);
    if (digits === '' || (count !== undefined && digits.length !== count)) return undefined;
    this.offset = end;
    return digits;
  }

  whiteSpace(): void {
    while (this.peek() === ' ' || this.peek() === '\t') this.offset += 1;
  }

  until(isEnd: (character: string) => boolean): string {
    const start = this.offset;
    while (!this.isAtEnd && !isEnd(this.peek())) this.offset += 1;
    return this.#text.slice(start, this.offset);
  }
}

const body = (text: string): string => {
  const cursor = new Cursor(text);
  cursor.whiteSpace();
  const characters = [...text.slice(cursor.offset)];
  while (characters.at(-1) === ' ' || characters.at(-1) === '\t') characters.pop();
  return characters.join('');
};

/** #element of section 5.6.1: empty elements do not count. Undefined when anything else is there. */
function list<Element>(text: string, element: (cursor: Cursor) => Element | undefined): Element[] | undefined {
  const cursor = new Cursor(text);
  const elements: Element[] = [];
  while (true) {
    cursor.whiteSpace();
    if (!cursor.isAtEnd && cursor.peek() !== ',') {
      const found = element(cursor);
      if (found === undefined) return undefined;
      elements.push(found);
      cursor.whiteSpace();
    }
    if (cursor.isAtEnd) return elements;
    if (!cursor.eat(',')) return undefined;
  }
}

/** 8.8.3. Returned as it stands. */
function entityTag(cursor: Cursor): string | undefined {
  const weak = cursor.eat('W/') ? 'W/' : '';
  if (!cursor.eat('"')) return undefined;
  const opaque = cursor.until((character) => {
    const code = character.charCodeAt(0);
    return code === 0x22 || code <= 0x20 || code === 0x7f;
  });
  return cursor.eat('"') ? `${weak}"${opaque}"` : undefined;
}

const wholeTag = (text: string): string | undefined => {
  const cursor = new Cursor(text);
  const tag = entityTag(cursor);
  return cursor.isAtEnd ? tag : undefined;
};

const isWeak = (tag: string) => tag.startsWith('W/');
const opaque = (tag: string) => (isWeak(tag) ? tag.slice(2) : tag);

/** Choice: a field that breaks the grammar names no tag. */
function names(field: string, eTag: string | undefined, comparison: 'strong' | 'weak'): boolean {
  if (body(field) === '*') return true;
  const tags = list(field, entityTag) ?? [];
  return tags.some((tag) => {
    if (eTag === undefined) return false;
    if (comparison === 'strong') return !isWeak(tag) && !isWeak(eTag) && tag === eTag;
    return opaque(tag) === opaque(eTag);
  });
}

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const LONG_DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

interface Fields {
  day?: string | undefined;
  month?: number | undefined;
  year?: string | undefined;
  clock?: readonly string[] | undefined;
}

function clock(cursor: Cursor): readonly string[] | undefined {
  const hour = cursor.digits(2);
  const minute = cursor.eat(':') ? cursor.digits(2) : undefined;
  const second = cursor.eat(':') ? cursor.digits(2) : undefined;
  return hour === undefined || minute === undefined || second === undefined ? undefined : [hour, minute, second];
}

function imfFixdate(cursor: Cursor): Fields | undefined {
  if (cursor.oneOf(DAYS) === undefined || !cursor.eat(', ')) return undefined;
  const day = cursor.digits(2);
  const month = cursor.eat(' ') ? cursor.oneOf(MONTHS) : undefined;
  const year = cursor.eat(' ') ? cursor.digits(4) : undefined;
  const time = cursor.eat(' ') ? clock(cursor) : undefined;
  return cursor.eat(' GMT') ? { day, month, year, clock: time } : undefined;
}

function rfc850Date(cursor: Cursor): Fields | undefined {
  if (cursor.oneOf(LONG_DAYS) === undefined || !cursor.eat(', ')) return undefined;
  const day = cursor.digits(2);
  const month = cursor.eat('-') ? cursor.oneOf(MONTHS) : undefined;
  const year = cursor.eat('-') ? cursor.digits(2) : undefined;
  const time = cursor.eat(' ') ? clock(cursor) : undefined;
  return cursor.eat(' GMT') ? { day, month, year, clock: time } : undefined;
}

function asctimeDate(cursor: Cursor): Fields | undefined {
  if (cursor.oneOf(DAYS) === undefined || !cursor.eat(' ')) return undefined;
  const month = cursor.oneOf(MONTHS);
  if (!cursor.eat(' ')) return undefined;
  const day = cursor.eat(' ') ? cursor.digits(1) : cursor.digits(2);
  const time = cursor.eat(' ') ? clock(cursor) : undefined;
  const year = cursor.eat(' ') ? cursor.digits(4) : undefined;
  return { day, month, year, clock: time };
}

/** 5.6.7, in seconds since 1970. Choice: a leap second is the second before it. */
function httpDateSeconds(text: string, nowMs: number): number | undefined {
  for (const format of [imfFixdate, rfc850Date, asctimeDate]) {
    const cursor = new Cursor(body(text));
    const fields = format(cursor);
    if (fields !== undefined && cursor.isAtEnd) return seconds(fields, nowMs);
  }
  return undefined;
}

const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const isLeap = (year: number) => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

function seconds({ day, month, year, clock: time }: Fields, nowMs: number): number | undefined {
  if (day === undefined || month === undefined || year === undefined || time === undefined) return undefined;
  if (year.length === 4) return secondsIn(Number(year), month, Number(day), time);
  const thisYear = new Date(nowMs).getUTCFullYear();
  const near = Math.floor(thisYear / 100) * 100 + Number(year);
  const found = secondsIn(near, month, Number(day), time);
  const limit = new Date(nowMs).setUTCFullYear(thisYear + 50) / 1000;
  return found !== undefined && found > limit ? secondsIn(near - 100, month, Number(day), time) : found;
}

function secondsIn(
  year: number,
  month: number,
  day: number,
  [h = '', m = '', s = '']: readonly string[],
): number | undefined {
  const longest = (DAYS_OF_MONTH[month] ?? 0) + (month === 1 && isLeap(year) ? 1 : 0);
  if (day < 1 || day > longest || Number(h) > 23 || Number(m) > 59 || Number(s) > 60) return undefined;
  let days = day - 1;
  for (let earlier = 0; earlier < month; earlier += 1)
    days += (DAYS_OF_MONTH[earlier] ?? 0) + (earlier === 1 && isLeap(year) ? 1 : 0);
  const before = year - 1;
  days += year * 365 + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
  // The year 0 is a leap year; 719,528 days lie between its start and 1970.
  return (days + 1 - 719_528) * 86_400 + Number(h) * 3600 + Number(m) * 60 + Math.min(59, Number(s));
}

type Spec = { readonly first: bigint; readonly last?: bigint } | { readonly suffix: bigint };

/** 14.1.2. Undefined for what is no byte range. */
function byteRange(cursor: Cursor): Spec | undefined {
  if (cursor.eat('-')) {
    const suffix = cursor.digits();
    return suffix === undefined ? undefined : { suffix: BigInt(suffix) };
  }
  const first = cursor.digits();
  if (first === undefined || !cursor.eat('-')) return undefined;
  const last = cursor.digits();
  if (last === undefined) return { first: BigInt(first) };
  return BigInt(last) < BigInt(first) ? undefined : { first: BigInt(first), last: BigInt(last) };
}

/** Undefined: to be ignored. */
function rangeSet(field: string): Spec[] | undefined {
  const text = body(field);
  if (text.slice(0, 6).toLowerCase() !== 'bytes=') return undefined;
  const specs = list(text.slice(6), byteRange);
  return specs === undefined || specs.length === 0 ? undefined : specs;
}

function selected(specs: readonly Spec[], sizeBytes: number): Expected {
  // An empty object: "only a suffix-length that is non-zero is satisfiable", and there is no Content-Range for it.
  if (sizeBytes === 0)
    return specs.some((spec) => 'suffix' in spec && spec.suffix > 0n) ? { status: 200 } : { status: 416 };
  const wanted = new Set<number>();
  for (let position = 0; position < sizeBytes; position += 1) {
    const isWanted = specs.some((spec) =>
      'suffix' in spec
        ? BigInt(position) >= BigInt(sizeBytes) - spec.suffix
        : BigInt(position) >= spec.first && (spec.last === undefined || BigInt(position) <= spec.last),
    );
    if (isWanted) wanted.add(position);
  }
  if (wanted.size === 0) return { status: 416 };
  const first = Math.min(...wanted);
  const last = Math.max(...wanted);
  // Choice: what is one piece is one range, all else the whole.
  return last - first + 1 === wanted.size ? { status: 206, range: [first, last] } : { status: 200 };
}

interface Facts {
  readonly headers: Readonly<Record<string, string>>;
  readonly object: OracleObject;
  readonly nowMs: number;
}

/** 13.2.2, step by step. */
export function expectedAnswer(
  method: string,
  headers: Readonly<Record<string, string>>,
  object: OracleObject,
  nowMs: number,
): Expected {
  const facts = { headers, object, nowMs };
  if (failsStep1And2(facts)) return { status: 412 };
  if (failsStep3And4(facts)) return { status: 304 };
  const specs = method === 'GET' ? rangeSet(headers['Range'] ?? '') : undefined;
  if (specs === undefined || failsStep5(facts)) return { status: 200 };
  return selected(specs, object.sizeBytes);
}

function failsStep1And2({ headers, object, nowMs }: Facts): boolean {
  const ifMatch = headers['If-Match'];
  if (ifMatch !== undefined) return !names(ifMatch, object.eTag, 'strong');
  const date = httpDateSeconds(headers['If-Unmodified-Since'] ?? '', nowMs);
  return date !== undefined && object.lastModifiedMs !== undefined && object.lastModifiedMs / 1000 > date;
}

function failsStep3And4({ headers, object, nowMs }: Facts): boolean {
  const ifNoneMatch = headers['If-None-Match'];
  if (ifNoneMatch !== undefined) return names(ifNoneMatch, object.eTag, 'weak');
  const date = httpDateSeconds(headers['If-Modified-Since'] ?? '', nowMs);
  return date !== undefined && object.lastModifiedMs !== undefined && object.lastModifiedMs / 1000 <= date;
}

function failsStep5({ headers, object: { eTag, lastModifiedMs }, nowMs }: Facts): boolean {
  const ifRange = headers['If-Range'];
  if (ifRange === undefined) return false;
  const modified = lastModifiedMs === undefined ? undefined : lastModifiedMs / 1000;
  return !isSame(body(ifRange), eTag, modified, nowMs);
}

/** 13.1.5: a strong tag, or the very date. */
function isSame(validator: string, eTag: string | undefined, modified: number | undefined, nowMs: number): boolean {
  const tag = wholeTag(validator);
  if (tag !== undefined) return !isWeak(tag) && tag === eTag;
  const seconds = httpDateSeconds(validator, nowMs);
  return seconds !== undefined && seconds === modified;
}
