import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curl } from './support/curl.ts';
import { BUCKET_NAME, stackFiles } from './support/stack.ts';
import { type System, startSystem } from './support/system.ts';

const HEADER_SIGNED =
  'Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0';
const LOGS = [
  '--header',
  'X-Amz-Target: Logs_20140328.DescribeLogGroups',
  '--header',
  'Content-Type: application/x-amz-json-1.1',
  '--data',
  '{}',
];
const FOREIGN = [
  ['Host', 'Host: evil.example'],
  ['Origin', 'Origin: http://evil.example'],
  ['Sec-Fetch-Site', 'Sec-Fetch-Site: cross-site'],
] as const;

let system: System;

beforeAll(async () => {
  system = await startSystem(
    stackFiles([
      {
        name: 'hello',
        path: '/hello',
        mode: 'BUFFERED',
        source: "export const handler = async () => ({ statusCode: 200, body: 'hello' });",
      },
    ]),
  );
  await system.put(BUCKET_NAME, 'public.txt', Buffer.from('public'));
});
afterAll(() => system?.close());

describe.each(FOREIGN)('a web page of another site, seen by its %s', (_, header) => {
  it('does not read logs', async () => {
    expect(await curl(system.local.url, ...LOGS, '--header', header)).toMatchObject({ status: 403 });
    expect(await curl(system.local.url, ...LOGS)).toMatchObject({ status: 200 });
  });

  it("does not reach Spillway's own endpoints", async () => {
    const url = `${system.local.url}/_spillway/functions`;
    expect(await curl(url, '--header', header)).toMatchObject({ status: 403 });
    expect(await curl(url)).toMatchObject({ status: 200 });
  });

  it('does not change objects, and is refused before its body is read', async () => {
    const url = `${system.local.url}/${BUCKET_NAME}/new.txt`;
    const put = [
      '--request',
      'PUT',
      '--data',
      'x',
      '--header',
      HEADER_SIGNED,
      '--header',
      'Expect: 100-continue',
      '--verbose',
    ];
    const refused = await curl(url, ...put, '--header', header);
    expect(refused.status).toBe(403);
    expect(refused.stderr).not.toContain('100 Continue');
    expect(await curl(url)).toMatchObject({ status: 403 });
  });

  it('may call a stage and read a public object, as on AWS', async () => {
    if (!header.startsWith('Host')) {
      expect(await curl(system.url('/hello'), '--header', header)).toMatchObject({ status: 200, text: 'hello' });
    }
    const object = `${system.local.url}/${BUCKET_NAME}/public.txt`;
    expect(await curl(object, '--header', header)).toMatchObject({ status: 200, text: 'public' });
  });
});

describe('the server', () => {
  it('names a service that it does not serve', async () => {
    const scope = HEADER_SIGNED.replace('/s3/', '/dynamodb/');
    const result = await curl(system.local.url, '--data', '{}', '--header', scope);
    expect(result.status).toBe(404);
    expect(result.text).toContain('dynamodb');
  });
});
