import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curl } from './support/curl.ts';
import { makeWorkspace, until, type Workspace } from './support/system.ts';
import {
  TUTORIAL_BUCKET,
  TUTORIAL_FUNCTIONS,
  writeAwsLayer,
  writeTutorialFunctions,
} from './support/tutorial-functions.ts';

const BIN = fileURLToPath(new URL('../../packages/cli/bin/spillway.js', import.meta.url));
const LWA_BINARY = process.env['SPILLWAY_LWA_BINARY'];

const OBJECT = { key: 'path/to/object.bin', bytes: randomBytes(64 * 1_048_576) };
const DIGEST = createHash('sha256').update(OBJECT.bytes).digest('hex');

/** What goes before a command for it to be another user's. */
const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
const USERS =
  process.getuid?.() === 0
    ? [
        { user: 'as root', prefix: [] },
        { user: 'as an ordinary user', prefix: NOBODY },
      ]
    : [{ user: 'as an ordinary user', prefix: [] }];
const ADAPTERS = [
  { adapter: 'our web adapter', binary: '' },
  { adapter: "AWS's web adapter (needs SPILLWAY_LWA_BINARY)", binary: LWA_BINARY },
];

let workspace: Workspace;
beforeAll(async () => {
  workspace = await makeWorkspace();
  // Another user is to read it.
  await chmod(workspace.path, 0o755);
  await writeTutorialFunctions(workspace);
}, 300_000);
afterAll(() => workspace.remove());

interface Server {
  readonly url: string;
  /** Of `GET /NAME/{key+}`. */
  routeUrl(name: string): string;
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
}

/** The Python that this user may run: another user's own is out of reach. */
function pythonOf(prefix: readonly string[]): string {
  const PATH = prefix.length === 0 ? process.env['PATH'] : '/usr/bin:/bin';
  const [command = '', ...args] = [...prefix, 'python3', '-c', 'import sys; print(sys.executable)'];
  return execFileSync(command, args, { encoding: 'utf8', env: { PATH } }).trim();
}

async function startServer(prefix: readonly string[], options: readonly string[]): Promise<Server> {
  const python = pythonOf(prefix);
  const [command = '', ...args] = [...prefix, process.execPath, BIN, 'start', '--port', '0', '--limits', 'off'];
  const more = ['--interpreter', `python3.12=${python}`, '--template', `${workspace.path}/template.yaml`, ...options];
  const child = spawn(command, [...args, ...more], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      child.emit('printed');
    });
  }
  while (true) {
    const [, url] = /^Ready on (\S+)$/m.exec(text) ?? [];
    if (url !== undefined) {
      const routeUrl = (name: string) =>
        `${new RegExp(`(http:\\S+/${name}/)\\{key\\+\\}`).exec(text)?.[1]}${OBJECT.key}`;
      return { url, routeUrl, child };
    }
    if (child.exitCode !== null) throw new Error(`spillway ended: ${text}`);
    await Promise.race([once(child, 'printed'), once(child, 'exit')]);
  }
}

async function put({ url }: Server): Promise<void> {
  const signed = 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0';
  const headers = { Authorization: signed, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
  const response = await fetch(`${url}/${TUTORIAL_BUCKET}/${OBJECT.key}`, {
    method: 'PUT',
    headers,
    body: OBJECT.bytes,
  });
  expect(response.status).toBe(200);
}

async function logOf({ url }: Server, functionName: string): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'X-Amz-Target': 'Logs_20140328.FilterLogEvents', 'Content-Type': 'application/x-amz-json-1.1' },
    body: JSON.stringify({ logGroupName: `/aws/lambda/${functionName}` }),
  });
  const { events = [] } = (await response.json()) as { readonly events?: readonly { readonly message: string }[] };
  return events.map(({ message }) => message).join('');
}

describe.each(USERS)('tutorials $user', ({ prefix }) => {
  describe.each(ADAPTERS)('through $adapter', ({ binary }) => {
    describe.skipIf(binary === undefined)('with the address of a bucket on AWS in their code', () => {
      let server: Server | undefined;

      beforeAll(async () => {
        const layer = binary ? ['--lwa-layer', await writeAwsLayer(workspace, binary)] : [];
        server = await startServer(prefix, layer);
        await put(server);
      }, 120_000);
      afterAll(async () => {
        server?.child.kill('SIGTERM');
        if (server?.child.exitCode === null) await once(server.child, 'exit');
      });

      for (const { name, title, missing } of TUTORIAL_FUNCTIONS) {
        it.skipIf(missing !== undefined)(
          `${title}: 64 MiB with equal digests`,
          async () => {
            const running = server as Server;
            const result = await curl(running.routeUrl(name), '--max-time', '100');
            expect(result, result.stderr + result.text.slice(0, 1000)).toMatchObject({
              exitCode: 0,
              status: 200,
              sha256: DIGEST,
            });
            const log = await until(() => logOf(running, `${name}Function`), 'is answered by the local bucket');
            expect(log.match(/is answered by the local bucket/g)).toHaveLength(1);
          },
          120_000,
        );
      }
    });
  });
});
