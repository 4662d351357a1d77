import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Command, spillway } from './support/command.ts';
import { curl } from './support/curl.ts';
import { family } from './support/processes.ts';
import { BUCKET_NAME, RELAY, stackFiles } from './support/stack.ts';
import { makeWorkspace, type Workspace } from './support/system.ts';

const MIB = 1_048_576;
const SIZE_BYTES = 1024 * MIB;

let workspace: Workspace;
let command: Command;
let relayUrl = '';
let origin = '';

beforeAll(async () => {
  workspace = await makeWorkspace(
    stackFiles([
      { name: 'relay', path: '/relay/{key+}', mode: 'STREAM', source: RELAY, memorySizeMb: 256, timeoutSeconds: 300 },
    ]),
  );
  command = spillway(['start', '--port', '0', '--limits', 'off', '--template', `${workspace.path}/template.yaml`]);
  [, origin = ''] = await command.printed(/^Ready on (\S+)$/m);
  relayUrl = /(http:\S+\/relay\/)\{key\+\}/.exec(command.stdout())?.[1] ?? '';
});
afterAll(async () => {
  command?.child.kill('SIGINT');
  await command?.ended();
  await workspace?.remove();
});

async function put(key: string, sizeBytes: number): Promise<void> {
  const headers = {
    Authorization:
      'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0',
    'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
    'Content-Length': sizeBytes,
  };
  const upload = request(`${origin}/${BUCKET_NAME}/${key}`, { method: 'PUT', headers });
  const response = once(upload, 'response');
  const block = randomBytes(MIB);
  for (let sentBytes = 0; sentBytes < sizeBytes; sentBytes += block.byteLength) {
    if (!upload.write(block.subarray(0, sizeBytes - sentBytes))) await once(upload, 'drain');
  }
  upload.end();
  const [{ statusCode }] = (await response) as [{ readonly statusCode: number }];
  expect(statusCode).toBe(200);
}

/** Peak resident memory of the server and of every process below it, by command line. */
const peaks = () => new Map(family(command.pid).map(({ pid, command: line, peakBytes }) => [pid, { line, peakBytes }]));

describe.skipIf(process.platform !== 'linux')('1 GiB through the whole path', () => {
  it('raises the peak memory of no process by 64 MiB, upload included', async () => {
    await put('warm.bin', 32 * MIB);
    await promisify(execFile)('curl', ['--silent', '--output', '/dev/null', `${relayUrl}warm.bin`]);
    const before = peaks();
    expect(before.size).toBeGreaterThanOrEqual(2);

    await put('large.bin', SIZE_BYTES);
    expect(await curl(`${relayUrl}large.bin`)).toMatchObject({ exitCode: 0, sizeBytes: SIZE_BYTES });

    const after = peaks();
    for (const [pid, { line, peakBytes }] of before) {
      const raisedMib = ((after.get(pid)?.peakBytes ?? Number.POSITIVE_INFINITY) - peakBytes) / MIB;
      expect({ line, raisedMib: Math.round(raisedMib) }).toSatisfy(() => raisedMib < 64);
    }
  }, 180_000);
});
