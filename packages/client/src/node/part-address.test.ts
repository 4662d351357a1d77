import { expect, it } from 'vitest';
import { publicUrl, queryDigest } from './part-address.ts';

const URL_OF = (query: string) => `https://user:secret@files.example.com/a%20b?${query}#top`;
const same = (one: string, other: string) => queryDigest(URL_OF(one)) === queryDigest(URL_OF(other));

it('holds no secret', () => {
  expect(publicUrl(URL_OF('token=secret'))).toBe('https://files.example.com/a%20b');
  expect(queryDigest(URL_OF('token=secret'))).toMatch(/^[0-9a-f]{64}$/);
  expect(queryDigest('https://files.example.com/a')).toBe('');
});

it.each([
  [
    'X-Amz-Algorithm=A&X-Amz-Date=1&X-Amz-Signature=aa',
    'X-Amz-Algorithm=A&X-Amz-Date=2&X-Amz-Security-Token=t&X-Amz-Signature=bb',
  ],
  ['id=1&X-Amz-Date=1&X-Amz-Signature=aa', 'id=1&X-Amz-Date=2&X-Amz-Signature=bb'],
  ['Expires=1&Signature=aa&Key-Pair-Id=k', 'Expires=2&Signature=bb&Key-Pair-Id=k'],
  ['X-Goog-Date=1&X-Goog-Signature=aa', 'X-Goog-Date=2&X-Goog-Signature=bb'],
  ['sv=2024&se=1&sr=b&sig=aa', 'sv=2025&se=2&sr=b&sig=bb'],
])('a new signature is the same object: %s', (one, other) => {
  expect(same(one, other)).toBe(true);
});

it.each([
  ['id=1', 'id=2'],
  ['id=1', ''],
  ['id=1&X-Amz-Signature=aa', 'id=2&X-Amz-Signature=aa'],
  ['versionId=1&X-Amz-Signature=aa', 'versionId=2&X-Amz-Signature=aa'],
  ['Expires=1', 'Expires=2'],
  ['sr=1', 'sr=2'],
])('what else differs is another one: %s', (one, other) => {
  expect(same(one, other)).toBe(false);
});
