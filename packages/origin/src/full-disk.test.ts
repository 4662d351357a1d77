import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

// A process that may write no file beyond about 1 MB: to it every disk is full there. It runs what is built.
const PROGRAM = `
  import { readdir } from 'node:fs/promises';
  import { CredentialStore, listen } from '@spillway/http';
  import { startOrigin } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)};
  const [directory] = process.argv.slice(1);
  const lines = [];
  const report = (line) => lines.push(line);
  const origin = await startOrigin({ directory, region: 'us-east-1', credentials: new CredentialStore(), report });
  const { port, close } = await listen({ port: 0, handle: (request, response) => void origin.handle(request, response) });
  await origin.createBucket('files');
  const target = 'http://127.0.0.1:' + port + '/files/a';
  const call = async (method, body) => {
    const response = await fetch(target, { method, body, headers: { authorization: 'AWS test:c2ln' } });
    return { status: response.status, text: await response.text() };
  };
  const first = await call('PUT', 'old');
  const second = await call('PUT', new Uint8Array(8_000_000));
  const third = await call('GET');
  const files = await readdir(directory, { recursive: true });
  await close();
  await origin.close();
  console.log(JSON.stringify({ first, second, third, lines, data: files.filter((file) => /data.[^.]/.test(file)).length }));
`;

describe.skipIf(process.platform === 'win32')('a full disk', () => {
  it('is said, and loses nothing', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'spillway-full-'));
    try {
      const { stdout } = await promisify(execFile)(
        'sh',
        ['-c', 'ulimit -f 1000; exec "$0" --input-type=module -e "$1" "$2"', process.execPath, PROGRAM, directory],
        { cwd: import.meta.dirname },
      );
      const { first, second, third, lines, data } = JSON.parse(stdout);
      expect(first.status).toBe(200);
      expect([second.status, second.text]).toEqual([
        500,
        expect.stringContaining('The disk of the local store is full'),
      ]);
      expect(third).toEqual({ status: 200, text: 'old' });
      expect(data).toBe(1);
      expect(lines).toEqual([expect.stringMatching(/InternalError.*Free some space/)]);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
