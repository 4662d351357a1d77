import { expect, test } from 'vitest';
import { lines, problemsOf, readText } from '../../test/read-text.ts';

const bucket = (properties: string, more = '') =>
  `Resources:\n  Files: {Type: AWS::S3::Bucket, Properties: {${properties}}}\n${more}`;

const BLOCK_ALL = {
  blockPublicAcls: true,
  ignorePublicAcls: true,
  blockPublicPolicy: true,
  restrictPublicBuckets: true,
};

test('a bucket is named after its logical ID and blocks all public access', async () => {
  expect((await readText(bucket(''))).buckets).toEqual([
    { logicalId: 'Files', bucketName: 'files', publicAccessBlock: BLOCK_ALL },
  ]);
});

test('a configuration that is given counts whole: what it leaves out is off', async () => {
  const { buckets } = await readText(
    bucket('BucketName: my.files, PublicAccessBlockConfiguration: {BlockPublicAcls: "true"}'),
  );
  expect(buckets[0]).toMatchObject({
    bucketName: 'my.files',
    publicAccessBlock: {
      ...BLOCK_ALL,
      ignorePublicAcls: false,
      blockPublicPolicy: false,
      restrictPublicBuckets: false,
    },
  });
});

test('a policy becomes JSON with everything resolved; an unquoted version stays text', async () => {
  const policy = `  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Files
      PolicyDocument:
        Version: 2012-10-17
        Statement: [{Effect: Allow, Principal: "*", Action: s3:GetObject, Resource: !Sub "\${Files.Arn}/*"}]
`;
  const { buckets } = await readText(bucket('', policy));
  expect(JSON.parse(buckets[0]?.policy ?? '')).toEqual({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::files/*' }],
  });
  expect((await problemsOf(bucket('', policy + policy.replace('Policy:', 'Second:')))).join('\n')).toContain(
    'The bucket files has two policies; S3 keeps one.',
  );
  expect((await problemsOf(bucket('', policy.replace('!Ref Files', 'other')))).join('\n')).toContain(
    'Policy is for the bucket other, which this template does not create.',
  );
});

test('what changes nothing is listed', async () => {
  const { notEnforced } = await readText(
    bucket('Tags: [], LifecycleConfiguration: {}, VersioningConfiguration: {Status: Suspended}'),
  );
  expect(lines(notEnforced)).toEqual([
    '2:47: Tags of Files: tags have no effect here.',
    '2:57: LifecycleConfiguration of Files: objects never expire.',
  ]);
});

test.each([
  ['BucketName: Files', '"Files" is no name for a bucket'],
  ['BucketName: ab', '"ab" is no name for a bucket'],
  ['AccessControl: PublicRead', 'ACLs are not emulated'],
  ['VersioningConfiguration: {Status: Enabled}', 'keeps one version of each object'],
  ['CorsConfiguration: {}', 'the local S3 sends no CORS headers'],
])('refuses %s', async (properties, message) => {
  expect((await problemsOf(bucket(properties))).join('\n')).toContain(message);
});
