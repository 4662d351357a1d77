import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readGenerated, whyUnsafe } from './testing/disposition-oracle.ts';
import { MemoryStore } from './testing/memory-store.ts';
import { ask } from './testing/requests.ts';
import { expectedAnswer, type OracleObject } from './testing/rfc-oracle.ts';

const SEED = 20_261_123;
const MODIFIED_MS = Date.UTC(2026, 10, 23, 8, 30, 15);
const BYTES = Uint8Array.from({ length: 24 }, (_, index) => index + 1);

const number = fc.oneof(
  { weight: 8, arbitrary: fc.nat({ max: 26 }).map(String) },
  fc.constantFrom('007', '0000', '9007199254740991', '9007199254740993', '9007199254740992', `1${'0'.repeat(400)}`),
);
const spec = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(number, number).map(([first, last]) => `${first}-${last}`) },
  { weight: 2, arbitrary: number.map((first) => `${first}-`) },
  { weight: 2, arbitrary: number.map((suffix) => `-${suffix}`) },
  fc.constantFrom('', '-', '--', '1', '1 -2', '1- 2', '+1-2', '1-2-3', '0x1-2', 'a-b', '\u0661-\u0662'),
);
const blank = fc.constantFrom('', '', '', ' ', '\t', ' \t ', '\u00a0');
const range = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .tuple(
        fc.constantFrom('bytes=', 'bytes=', 'bytes=', 'Bytes=', 'items=', 'bytes =', 'bytes', ''),
        fc.array(spec, { minLength: 1, maxLength: 4 }),
        blank,
      )
      .map(([unit, specs, space]) => `${space}${unit}${specs.join(`${space},${space}`)}`),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 20 }) },
);

const TAGS = [
  '"a"',
  'W/"a"',
  '"b"',
  '"a,b"',
  'W/"b"',
  '""',
  '"\u00e9"',
  '"with space"',
  'a',
  '"a',
  "'a'",
  'w/"a"',
  '*',
];
const tags = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.array(fc.constantFrom(...TAGS), { maxLength: 4 }), blank)
      .map(([list, space]) => list.join(`${space},${space}`)),
  },
  { weight: 1, arbitrary: fc.constantFrom('*', ' * ', '*, "a"', ',', ',,"a",,') },
  { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
);

const twoDigits = (value: number) => String(value).padStart(2, '0');
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function dateText(ms: number, format: number): string {
  const date = new Date(ms);
  const day = DAYS[date.getUTCDay()] ?? '';
  const month = MONTHS[date.getUTCMonth()] ?? '';
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(twoDigits).join(':');
  if (format === 0) return date.toUTCString();
  if (format === 1)
    return `${day}, ${twoDigits(date.getUTCDate())}-${month}-${twoDigits(date.getUTCFullYear() % 100)} ${time} GMT`;
  return `${day.slice(0, 3)} ${month} ${String(date.getUTCDate()).padStart(2, ' ')} ${time} ${date.getUTCFullYear()}`;
}

const near = fc.constantFrom(-86_400_000, -1000, 0, 0, 1000, 86_400_000).map((offset) => MODIFIED_MS + offset);
const anyTime = fc.integer({ min: Date.UTC(1900, 0), max: Date.UTC(2120, 0) });
const date = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(fc.oneof(near, anyTime), fc.nat({ max: 2 })).map(([ms, format]) => dateText(ms, format)),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      'Mon, 31 Feb 2026 08:30:15 GMT',
      'Mon, 23 Nov 2026 24:00:00 GMT',
      'Mon, 23 Nov 2026 08:30:60 GMT',
      'Mon, 23 Nov 2026 08:30:15 UTC',
      'mon, 23 nov 2026 08:30:15 gmt',
      'Tue, 23 Nov 2026 08:30:15 GMT',
      '23 Nov 2026 08:30:15 GMT',
      'Mon, 23 Nov 2026 08:30:15 GMT, Mon, 23 Nov 2026 08:30:16 GMT',
      '2026-11-23T08:30:15Z',
      '0',
      '',
    ),
  },
);

const object = fc.record<OracleObject>({
  sizeBytes: fc.constantFrom(0, 1, 2, 10, 24),
  eTag: fc.constantFrom('"a"', '"a"', 'W/"a"', '"a,b"', '"\u00e9"', undefined),
  lastModifiedMs: fc.constantFrom(MODIFIED_MS, MODIFIED_MS, undefined),
});

const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 1 });
const rare = <Value>(value: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

type Headers = Readonly<Record<string, string>>;
const present = (fields: Record<string, string | undefined>): Headers =>
  Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));

/** Asks the handler and the oracle, and compares status, Content-Range, Content-Length and every byte. */
async function agrees(
  method: string,
  headers: Headers,
  { sizeBytes, eTag, lastModifiedMs }: OracleObject,
): Promise<void> {
  const store = new MemoryStore(BYTES.subarray(0, sizeBytes), { eTag, lastModifiedMs });
  const answer = await ask({ store }, { method, headers });
  const expected = expectedAnswer(method, headers, { sizeBytes, eTag, lastModifiedMs }, Date.now());
  const [first, last] = expected.range ?? [0, sizeBytes - 1];
  const sends = method === 'GET' && expected.status < 300;
  const isSent = expected.status < 300;
  const actualText = text(answer.status, answer.headers['Content-Range'], isSent, answer.headers, answer.bytes);
  const length = { 'Content-Length': String(last - first + 1) };
  const bytes = sends ? BYTES.subarray(first, last + 1) : new Uint8Array();
  const expectedText = text(
    expected.status,
    contentRange(expected.status, first, last, sizeBytes),
    isSent,
    length,
    bytes,
  );
  // Only then, since expect() costs more than all else here.
  if (actualText !== expectedText || answer.error !== undefined)
    expect(actualText).toBe(`${expectedText} ${answer.error}`);
}

/** An answer as one line. The body of a problem is the handler's own affair. */
function text(status: number, range: string | undefined, isSent: boolean, headers: Headers, bytes: Uint8Array): string {
  return `${status} ${range} ${isSent ? `${headers['Content-Length']} ${bytes.join()}` : ''}`;
}

function contentRange(status: number, first: number, last: number, sizeBytes: number): string | undefined {
  if (status === 206) return `bytes ${first}-${last}/${sizeBytes}`;
  return status === 416 ? `bytes */${sizeBytes}` : undefined;
}

const LONG = 120_000;

describe('100,000 generated inputs agree with the RFCs', () => {
  test(
    '30,000 Range headers',
    async () => {
      const property = fc.asyncProperty(range, object, (text, stored) => agrees('GET', { Range: text }, stored));
      await fc.assert(property, { numRuns: 30_000, seed: SEED });
    },
    LONG,
  );

  test(
    '45,000 sets of conditions, with and without a Range',
    async () => {
      const fields = fc.record({
        'If-Match': rare(tags),
        'If-Unmodified-Since': rare(date),
        'If-None-Match': rare(tags),
        'If-Modified-Since': rare(date),
        'If-Range': maybe(fc.oneof(tags, date)),
        Range: fc.option(range, { nil: undefined, freq: 4 }),
      });
      const method = fc.constantFrom('GET', 'GET', 'GET', 'HEAD');
      const property = fc.asyncProperty(method, fields, object, (name, headers, stored) =>
        agrees(name, present(headers), stored),
      );
      await fc.assert(property, { numRuns: 45_000, seed: SEED });
    },
    LONG,
  );

  test(
    '25,000 names, from keys and from stored headers',
    async () => {
      const sign = fc.oneof(
        { weight: 4, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
        { weight: 4, arbitrary: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 1 }) },
        fc.constantFrom(
          '請',
          '\u202e',
          '\u2066',
          '%',
          '%2e',
          '..',
          '/',
          '\\',
          '"',
          '\r\n',
          '\0',
          '\ud800',
          '👨‍👩‍👧',
          '\u200f',
          '.',
          ' ',
        ),
      );
      const word = fc.oneof(
        { weight: 8, arbitrary: fc.array(sign, { maxLength: 12 }).map((signs) => signs.join('')) },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            'CON',
            'con.txt',
            'NUL .x',
            'com1',
            'LPT\u00b9.log',
            '.bashrc',
            '...',
            'a%20b.txt',
          ),
        },
        {
          weight: 1,
          arbitrary: fc
            .tuple(fc.constantFrom('長', 'x', '👩‍🚀'), fc.integer({ min: 50, max: 300 }))
            .map(([unit, count]) => `${unit.repeat(count)}.txt`),
        },
      );
      const stored = fc.option(
        fc
          .tuple(
            fc.constantFrom('attachment; filename="', 'inline; filename=', "attachment; filename*=UTF-8''", ''),
            word,
            fc.constantFrom('', '"'),
          )
          .map((parts) => parts.join('')),
        { nil: undefined },
      );
      const property = fc.asyncProperty(word, stored, isNamedSafely);
      await fc.assert(property, { numRuns: 25_000, seed: SEED });
    },
    LONG,
  );
});

async function isNamedSafely(name: string, contentDisposition: string | undefined): Promise<void> {
  const store = new MemoryStore(BYTES, { contentDisposition });
  const key = encodeURIComponent(name.replace(/\p{Cs}/gu, '_'));
  const { status, headers } = await ask({ store }, { key, method: 'HEAD' });
  if (status === 404) return;
  const names = readGenerated(headers['Content-Disposition'] ?? '');
  const faults = names && [names.name, names.ascii].map(whyUnsafe).filter((fault) => fault !== undefined);
  const isPrintable = Object.values(headers).every((value) => /^[\x20-\x7e]*$/.test(value));
  if (status !== 200 || faults?.length !== 0 || !isPrintable) {
    expect({ status, faults, isPrintable, headers }).toBe('safe');
  }
  if (contentDisposition === undefined && isPlain(name)) expect(names).toEqual({ ascii: name, name });
}

const isPlain = (name: string) => /^[a-z0-9][\w-]*\.[a-z0-9]+$/i.test(name) && whyUnsafe(name) === undefined;
