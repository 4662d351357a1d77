import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cases } from './cases.ts';
import { CREDENTIALS, implementations, type S3Implementation, type S3Server } from './s3-servers.ts';
import { signatureCases } from './signature-cases.ts';

const hasCli = await promisify(execFile)('aws', ['--version']).then(
  () => true,
  () => false,
);

/** One suite for every server: what it asserts is what S3 does. */
function suite({ start, knownMisses }: S3Implementation): void {
  let server: S3Server;
  let client: S3Client;
  beforeAll(async () => {
    server = await start();
    const { endpoint } = server;
    client = new S3Client({ endpoint, region: 'us-east-1', credentials: CREDENTIALS, forcePathStyle: true });
  });
  afterAll(async () => {
    client?.destroy();
    await server?.close();
  });
  for (const [index, [name, play]] of Object.entries({ ...cases, ...signatureCases }).entries()) {
    const bucket = `conformance-${index}`;
    const played = async () => {
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
      await play({ client, endpoint: server.endpoint, bucket });
    };
    const miss = knownMisses[name];
    if (name.includes('AWS CLI') && !hasCli) test.skip(`${name} (needs aws)`, played);
    else if (miss === undefined) test(name, played);
    else test(`${name} (known miss: ${miss})`, () => expect(played(), 'a known miss that passes').rejects.toThrow());
  }
}

for (const implementation of implementations) {
  const { name, missing } = implementation;
  if (missing === undefined) describe(name, () => suite(implementation));
  else describe.skip(`${name}: ${missing}`, () => suite(implementation));
}
