import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBucketPolicy } from './bucket-policy.ts';

const ALLOW = {
  Sid: 'Read',
  Effect: 'Allow',
  Principal: '*',
  Action: 's3:GetObject',
  Resource: 'arn:aws:s3:::files/*',
};
const policyOf = (...Statement: readonly object[]) =>
  readBucketPolicy(JSON.stringify({ Version: '2012-10-17', Statement }), 'files');

describe('a bucket policy', () => {
  it('lets everyone read what its patterns say', () => {
    const policy = policyOf({
      ...ALLOW,
      Principal: { AWS: ['*'] },
      Action: ['s3:getobject', 's3:GetObjectVersion'],
      Resource: ['arn:aws:s3:::files/pub/*.pd?'],
    });
    expect(policy.isPublic).toBe(true);
    expect(policy.allowsEveryone('pub/a/b.pdf')).toBe(true);
    expect(policy.allowsEveryone('pub/a.pd')).toBe(false);
    expect(policy.allowsEveryone('public/a.pdf')).toBe(false);
    expect(policy.allowsEveryone('pub/line\nfeed.pdf')).toBe(true);
  });

  it('may name the bucket beside its objects', () => {
    const policy = policyOf({ ...ALLOW, Resource: ['arn:aws:s3:::files', 'arn:aws:s3:::files/pub/*'] });
    expect([policy.allowsEveryone('pub/a'), policy.allowsEveryone('a')]).toEqual([true, false]);
    expect(() => policyOf({ ...ALLOW, Resource: 'arn:aws:s3:::files' })).toThrow('does not apply');
  });

  it('denies what a Deny says', () => {
    const policy = policyOf(ALLOW, {
      ...ALLOW,
      Sid: 'Secret',
      Effect: 'Deny',
      Resource: 'arn:aws:s3:::files/secret/*',
    });
    expect(policy.allowsEveryone('secret/a')).toBe(true);
    expect(policy.deniesEveryone('secret/a')).toBe(true);
    expect(policy.deniesEveryone('a')).toBe(false);
    expect(policyOf({ ...ALLOW, Effect: 'Deny' }).isPublic).toBe(false);
  });

  it('keeps statements for others, and says that they have no effect', () => {
    const others = [{ AWS: 'arn:aws:iam::111122223333:root' }, { Service: 'cloudfront.amazonaws.com' }];
    for (const Principal of others) {
      const policy = policyOf({
        ...ALLOW,
        Principal,
        Action: 's3:*',
        Condition: { Bool: { 'aws:SecureTransport': 'true' } },
      });
      expect(policy.isPublic).toBe(false);
      expect(policy.notEvaluated).toEqual([expect.stringMatching(/^Read: /)]);
    }
  });

  it.each([
    [{ Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }, 'IpAddress'],
    [{ NotPrincipal: { AWS: '*' } }, 'NotPrincipal'],
    [{ NotAction: 's3:PutObject' }, 'NotAction'],
    [{ NotResource: 'arn:aws:s3:::files/x' }, 'NotResource'],
    [{ Action: 's3:*' }, 's3:*'],
    [{ Action: ['s3:GetObject', 's3:ListBucket'] }, 's3:ListBucket'],
    [{ Resource: `arn:aws:s3:::files/\${aws:username}/*` }, 'policy variable'],
  ])('refuses %j by name', (change, name) => {
    expect(() => policyOf({ ...ALLOW, ...change })).toThrow(
      expect.objectContaining({ code: 'NotImplemented', message: expect.stringContaining(name) }),
    );
  });

  it.each([
    [{ Resource: 'arn:aws:s3:::other/*' }],
    [{ Resource: 'arn:aws:s3:::files' }],
    [{ Effect: 'Maybe' }],
    [{ Principal: undefined }],
    [{ Principal: { Service: '*' } }],
    [{ Action: undefined }],
    [{ Actions: 's3:GetObject' }],
  ])('%j is malformed', (change) => {
    expect(() => policyOf({ ...ALLOW, ...change })).toThrow(expect.objectContaining({ code: 'MalformedPolicy' }));
  });

  it('is JSON with statements', () => {
    for (const text of [
      '',
      'x',
      '[]',
      '{}',
      '{"Statement":[]}',
      '{"Version":"2025-01-01","Statement":[{}]}',
      '{"Statement":[1]}',
    ]) {
      expect(() => readBucketPolicy(text, 'files')).toThrow(expect.objectContaining({ code: 'MalformedPolicy' }));
    }
  });

  it('grants exactly the prefix that it names, whatever is in it', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((value) => !/[*?$]/.test(value));
    fc.assert(
      fc.property(text, text, (prefix, rest) => {
        const policy = policyOf({ ...ALLOW, Resource: `arn:aws:s3:::files/${prefix}*` });
        expect(policy.allowsEveryone(prefix + rest)).toBe(true);
        expect(policy.allowsEveryone(`x${prefix}`)).toBe(`x${prefix}`.startsWith(prefix));
      }),
    );
  });
});
