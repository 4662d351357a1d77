import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocal } from '@spillway/local';

/** A server that speaks S3, started for one suite. */
export interface S3Server {
  readonly endpoint: string;
  /** Ends it and removes what it stored. */
  close(): Promise<void>;
}

/** What the suite is run on. */
export interface S3Implementation {
  readonly name: string;
  /** Why it can't be run here. */
  readonly missing: string | undefined;
  readonly start: () => Promise<S3Server>;
  /** Cases that it answers otherwise, with reasons: one that passes all the same fails. */
  readonly knownMisses: Readonly<Record<string, string>>;
}

export const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'testtest' };

const binary = process.env['SPILLWAY_VERSITYGW_BINARY'];

export const implementations: readonly S3Implementation[] = [
  { name: 'Spillway', missing: undefined, start: startOurs, knownMisses: {} },
  {
    name: 'versitygw',
    missing:
      binary !== undefined && existsSync(binary)
        ? undefined
        : 'set SPILLWAY_VERSITYGW_BINARY (sh scripts/install-conformance.sh DIRECTORY makes it: versitygw/versitygw)',
    start: startVersitygw,
    knownMisses: {
      'parts that do not fit make no object': 'it judges the sizes of parts before their order.',
      'many objects are deleted in one request': 'it lists what was deleted though the request is quiet.',
      'attributes are those that are asked for': 'it takes no list of attributes as the SDK writes it.',
      'a signature of version 2 in the header is none': 'it answers as if there were none.',
    },
  },
];

async function startOurs(): Promise<S3Server> {
  const local = await startLocal({ templates: [], port: 0, credentials: [CREDENTIALS], verifySignatures: true });
  return { endpoint: local.url, close: () => local.close() };
}

async function startVersitygw(): Promise<S3Server> {
  const directory = await mkdtemp(join(tmpdir(), 'spillway-versitygw-'));
  const port = await freePort();
  const { accessKeyId, secretAccessKey } = CREDENTIALS;
  const child = spawn(binary ?? '', ['--port', `127.0.0.1:${port}`, 'posix', directory], {
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey },
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const endpoint = `http://127.0.0.1:${port}`;
  while ((await fetch(endpoint).catch(() => undefined)) === undefined) {
    if (child.exitCode !== null) throw new Error(`versitygw ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    endpoint,
    close: async () => {
      child.kill('SIGTERM');
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** It can't be told to choose one itself. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
