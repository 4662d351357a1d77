import { expect, it } from 'vitest';
import { streamPrelude } from './stream-prelude.ts';

it('has cookies apart, several values in an array, no value that is not ASCII', () => {
  const headers = new Map([
    ['set-cookie', ['a=1', 'b=\xc3\xa9']],
    ['x-one', ['1']],
    ['x-two', ['1', '2']],
    ['x-name', ['\xc3\xa9']],
  ]);
  expect(JSON.parse(streamPrelude(206, headers))).toEqual({
    statusCode: 206,
    headers: { 'content-type': 'application/octet-stream', 'x-one': '1', 'x-two': ['1', '2'], 'x-name': [] },
    cookies: ['a=1', 'b=é'],
  });
});
