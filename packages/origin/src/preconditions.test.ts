import { describe, expect, it } from 'vitest';
import { checkReadPreconditions, checkWritePreconditions, ifRangeHolds } from './preconditions.ts';
import type { StoredObject } from './stored-object.ts';

const NOW_MS = Date.UTC(2026, 10, 23);
const object: StoredObject = {
  key: 'k',
  segments: [],
  sizeBytes: 0,
  eTag: 'abc',
  lastModifiedMs: NOW_MS - 10_000,
  headers: {},
};
const at = (ms: number) => new Date(ms).toUTCString();
const [before, then, after, future] = [NOW_MS - 20_000, object.lastModifiedMs, NOW_MS - 5_000, NOW_MS + 60_000].map(at);

function codeOf(run: () => void): string {
  try {
    run();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'ok';
}

describe('conditions of a read', () => {
  it.each([
    [{ 'if-match': '"abc"' }, 'ok'],
    [{ 'if-match': 'abc' }, 'ok'],
    [{ 'if-match': '*' }, 'ok'],
    [{ 'if-match': '"x", "abc"' }, 'ok'],
    [{ 'if-match': 'W/"abc"' }, 'PreconditionFailed'],
    [{ 'if-match': '"x"' }, 'PreconditionFailed'],
    [{ 'if-none-match': '"abc"' }, 'NotModified'],
    [{ 'if-none-match': 'W/"abc"' }, 'NotModified'],
    [{ 'if-none-match': '*' }, 'NotModified'],
    [{ 'if-none-match': '"x"' }, 'ok'],
    [{ 'if-modified-since': before }, 'ok'],
    [{ 'if-modified-since': then }, 'NotModified'],
    [{ 'if-modified-since': future }, 'ok'],
    [{ 'if-modified-since': 'yesterday-ish' }, 'ok'],
    [{ 'if-unmodified-since': then }, 'ok'],
    [{ 'if-unmodified-since': before }, 'PreconditionFailed'],
    [{ 'if-match': '"abc"', 'if-unmodified-since': before }, 'ok'],
    [{ 'if-match': '"x"', 'if-unmodified-since': after }, 'PreconditionFailed'],
    [{ 'if-none-match': '"abc"', 'if-modified-since': before }, 'NotModified'],
    [{ 'if-none-match': '"x"', 'if-modified-since': after }, 'ok'],
    [{ 'if-match': '"x"', 'if-none-match': '"abc"' }, 'PreconditionFailed'],
  ])('%j: %s', (headers, code) => {
    expect(codeOf(() => checkReadPreconditions(headers, object, NOW_MS))).toBe(code);
  });
});

describe('conditions of a write', () => {
  it.each([
    [{ 'if-none-match': '*' }, object, 'PreconditionFailed'],
    [{ 'if-none-match': '*' }, undefined, 'ok'],
    [{ 'if-none-match': '"abc"' }, undefined, 'NotImplemented'],
    [{ 'if-match': '"abc"' }, object, 'ok'],
    [{ 'if-match': '"x"' }, object, 'PreconditionFailed'],
    [{ 'if-match': '"x"' }, undefined, 'NoSuchKey'],
    [{}, object, 'ok'],
  ])('%j', (headers, current, code) => {
    expect(codeOf(() => checkWritePreconditions(headers, current, 'k'))).toBe(code);
  });
});

it.each([
  [undefined, true],
  ['"abc"', true],
  ['W/"abc"', false],
  ['"x"', false],
  [then, true],
  [after, false],
])('If-Range %s: %s', (header, holds) => {
  expect(ifRangeHolds(header, object)).toBe(holds);
});
