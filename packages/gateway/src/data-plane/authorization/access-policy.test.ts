import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PolicyFault, readPolicy } from './access-policy.ts';

const ARN = 'arn:aws:execute-api:eu-west-1:000000000000:abc/prod/GET/a/b';
const decide = (...Statement: object[]) => readPolicy({ Version: '2012-10-17', Statement }).decide(ARN);
const allow = (Resource: unknown, more = {}) => ({ Effect: 'Allow', Action: 'execute-api:Invoke', Resource, ...more });
const deny = (Resource: unknown) => ({ ...allow(Resource), Effect: 'Deny' });

test.each([
  [ARN, 'allow'],
  ['*', 'allow'],
  ['arn:aws:execute-api:*:*:abc/*/GET/*', 'allow'],
  [ARN.replace('/b', '/?'), 'allow'],
  [[`${ARN}/c`, ARN], 'allow'],
  [ARN.replace('GET', 'get'), 'deny'],
  [`${ARN}*c`, 'deny'],
  [ARN.replace('abc', 'a.c'), 'deny'],
  [ARN.slice(1), 'deny'],
  [[], PolicyFault],
  [[1], PolicyFault],
  [undefined, PolicyFault],
])('a statement for %j: %s', (resource, decision) => {
  if (typeof decision === 'string') expect(decide(allow(resource))).toBe(decision);
  else expect(() => decide(allow(resource))).toThrow(decision);
});

test('no path keeps it busy, however many stars a statement has', () => {
  const path = ':/GET/public/'.repeat(5000);
  const startedAt = performance.now();
  expect(readPolicy({ Statement: allow('arn:aws:execute-api:*:*:*/*/GET/public/*/x') }).decide(ARN + path)).toBe(
    'deny',
  );
  expect(performance.now() - startedAt).toBeLessThan(1000);
});

test('a denial wins, wherever it stands', () => {
  expect(decide(allow('*'), deny(ARN))).toBe('explicitDeny');
  expect(decide(deny(ARN), allow('*'))).toBe('explicitDeny');
  expect(decide(deny(`${ARN}/c`), allow('*'))).toBe('allow');
});

test('actions know wildcards and no case; NotAction and NotResource are all others', () => {
  for (const Action of ['execute-api:*', '*', 'EXECUTE-API:invoke', ['a:b', 'execute-api:Inv*']]) {
    expect(decide(allow('*', { Action }))).toBe('allow');
  }
  expect(decide(allow('*', { Action: undefined, NotAction: 'execute-api:Invoke' }))).toBe('deny');
  expect(decide(allow('*', { Action: undefined, NotAction: 'execute-api:Other' }))).toBe('allow');
  expect(decide(allow(undefined, { NotResource: `${ARN}/c` }))).toBe('allow');
  expect(decide(allow(undefined, { NotResource: ARN }))).toBe('deny');
});

test('a statement may stand alone; what is no policy is refused', () => {
  expect(readPolicy({ Statement: allow(ARN) }).decide(ARN)).toBe('allow');
  for (const document of [undefined, null, 'x', [], {}, { Statement: [] }, { Statement: [null] }]) {
    expect(() => readPolicy(document)).toThrow(PolicyFault);
  }
  expect(() => readPolicy({ Statement: allow(ARN, { Condition: {} }) })).toThrow('Condition is not supported here');
  expect(() => readPolicy({ Statement: allow(ARN, { Effect: 'ALLOW' }) })).toThrow('Effect');
});

test('a pattern matches itself, and any text where it has a star', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((value) => !/[*?]/.test(value));
  fc.assert(
    fc.property(text, text, text, (start, middle, end) => {
      const policy = readPolicy({ Statement: allow(`${start}*${end}`) });
      expect(policy.decide(`${start}${middle}${end}`)).toBe('allow');
      if (start !== '' && end !== '')
        expect(readPolicy({ Statement: allow(start || 'x') }).decide(`${start || 'x'}!`)).toBe('deny');
    }),
  );
});
