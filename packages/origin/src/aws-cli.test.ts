import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEY, type StartedOrigin, startedOrigin } from '../test/started-origin.ts';

const run = promisify(execFile);
const hasCli = await run('aws', ['--version']).then(
  () => true,
  () => false,
);

describe.skipIf(!hasCli)('the AWS CLI (needs aws)', () => {
  let s3: StartedOrigin;
  let directory: string;

  beforeAll(async () => {
    s3 = await startedOrigin();
    directory = await mkdtemp(join(tmpdir(), 'spillway-cli-'));
  });
  afterAll(async () => {
    await s3.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function aws(...options: readonly string[]): Promise<string> {
    const { stdout } = await run('aws', ['--endpoint-url', s3.endpoint, ...options], {
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: directory,
        AWS_CONFIG_FILE: '/dev/null',
        AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_ACCESS_KEY_ID: KEY.accessKeyId,
        AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey,
        AWS_DEFAULT_REGION: 'us-east-1',
        LC_ALL: 'C.UTF-8',
      },
    });
    return stdout;
  }

  it('copies files of any size to and fro, lists and removes them', { timeout: 180_000 }, async () => {
    const [small, large, back] = ['small', 'large', 'back'].map((name) => join(directory, name)) as [
      string,
      string,
      string,
    ];
    await writeFile(small, 'small');
    await writeFile(large, randomBytes(20_000_000));
    await aws('s3', 'mb', 's3://from-cli');
    await aws('s3', 'cp', small, 's3://from-cli/a/小 +&.txt');
    await aws('s3', 'cp', large, 's3://from-cli/a/large');
    const listed = await aws('s3', 'ls', '--recursive', 's3://from-cli');
    expect(listed).toMatch(/ 20000000 a\/large\n.* 5 a\/小 \+&\.txt\n$/s);
    expect(await aws('s3', 'ls', 's3://from-cli')).toContain('PRE a/');
    for (const [key, source] of [
      ['a/小 +&.txt', small],
      ['a/large', large],
    ] as const) {
      await aws('s3', 'cp', `s3://from-cli/${key}`, back);
      expect((await readFile(back)).equals(await readFile(source)), key).toBe(true);
    }
    await aws('s3', 'rb', '--force', 's3://from-cli');
    expect(await aws('s3', 'ls')).toBe('');
  });

  it('presigns URLs that work as they are', { timeout: 60_000 }, async () => {
    await s3.put('files', 'a b/日本.txt', 'content');
    const url = (await aws('s3', 'presign', 's3://files/a b/日本.txt')).trim();
    expect(url).toContain('AWSAccessKeyId=test');
    const response = await fetch(url);
    expect([response.status, await response.text()]).toEqual([200, 'content']);
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(403);
    expect((await fetch(url.replace('Signature=', 'Signature=x'))).status).toBe(403);
  });
});
