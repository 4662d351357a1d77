import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CredentialStore, type Listener, listen } from '@spillway/http';
import { bodyOf } from '@spillway/wire';
import { type Origin, startOrigin } from '../src/start-origin.ts';

export const KEY = { accessKeyId: 'test', secretAccessKey: 'test' };
/** Read, not verified: makes a request the account's. */
export const SIGNED = {
  authorization:
    'AWS4-HMAC-SHA256 Credential=test/20261123/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00',
};

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A local S3 on a temporary directory, listening on a port of its own. */
export interface StartedOrigin {
  readonly origin: Origin;
  readonly listener: Listener;
  readonly directory: string;
  readonly endpoint: string;
  readonly lines: readonly string[];
  readonly credentials: CredentialStore;
  /** A request with its target as it is: nothing encoded or normalised. */
  fetch(method: string, target: string, headers?: Record<string, string>, body?: Uint8Array | string): Promise<Answer>;
  /** Stores an object of a bucket, which is made if it is missing. */
  put(bucketName: string, key: string, content: Uint8Array | string): Promise<void>;
  /** All files below the directory. */
  files(): Promise<string[]>;
  /** Ends it, and starts another on the same directory. */
  restart(): Promise<StartedOrigin>;
  close(): Promise<void>;
}

export async function startedOrigin({
  directory = '',
  region = 'us-east-1',
  verifySignatures = false,
} = {}): Promise<StartedOrigin> {
  const path = directory || (await mkdtemp(join(tmpdir(), 'spillway-origin-')));
  const credentials = new CredentialStore();
  credentials.add(KEY);
  const lines: string[] = [];
  const report = (line: string) => lines.push(line);
  const origin = await startOrigin({ directory: path, region, credentials, verifySignatures, report });
  const listener = await listen({ port: 0, handle: (message, response) => void origin.handle(message, response) });
  const end = async () => {
    await listener.close();
    await origin.close();
  };
  return {
    origin,
    listener,
    directory: path,
    endpoint: `http://127.0.0.1:${listener.port}`,
    lines,
    credentials,
    fetch: (method, target, headers = {}, body = '') => fetchRaw(listener.port, method, target, headers, body),
    async put(bucketName, key, content) {
      await origin.createBucket(bucketName);
      await origin.putObject({ bucketName, key, body: bodyOf(Buffer.from(content)) });
    },
    files: async () =>
      (await readdir(path, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name)),
    async restart() {
      await end();
      return startedOrigin({ directory: path, region, verifySignatures });
    },
    async close() {
      await end();
      await rm(path, { recursive: true, force: true });
    },
  };
}

function fetchRaw(
  port: number,
  method: string,
  target: string,
  headers: Record<string, string>,
  body: Uint8Array | string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = method === 'PUT' || method === 'POST' ? { 'content-length': String(Buffer.byteLength(body)) } : {};
    const message = request(
      { host: '127.0.0.1', port, method, path: target, headers: { ...length, ...headers }, agent: false },
      async (response) => {
        try {
          const chunks: Buffer[] = [];
          for await (const chunk of response) chunks.push(chunk as Buffer);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
        } catch (error) {
          reject(error);
        }
      },
    );
    message.on('error', reject);
    message.end(body);
  });
}
