import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';

/** What a person at curl sees. */
export interface CurlResult {
  readonly exitCode: number;
  /** Of the last response, 0 without one. */
  readonly status: number;
  /** Of the last response; names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** The first 100,000 bytes of the body. */
  readonly text: string;
  /** From the start to the first and to the last byte of the body, ms; undefined for an empty body. */
  readonly firstByteMs: number | undefined;
  readonly lastByteMs: number | undefined;
  readonly stderr: string;
}

const KEPT_BYTES = 100_000;

/** Between curl's own messages and the head of the response. */
const MARK = '@head@';

/** Runs the real curl. The head goes to its stderr, at the end, so that the body's bytes can be counted and timed as they arrive. */
export async function curl(url: string, ...args: readonly string[]): Promise<CurlResult> {
  const startedMs = performance.now();
  const head = `%{stderr}${MARK}%{http_code}\n%{header_json}`;
  const child = spawn('curl', ['--silent', '--show-error', '--write-out', head, ...args, url], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
  });
  const hash = createHash('sha256');
  let sizeBytes = 0;
  let text = '';
  let stderr = '';
  let firstByteMs: number | undefined;
  let lastByteMs: number | undefined;
  child.stdout.on('data', (chunk: Buffer) => {
    lastByteMs = performance.now() - startedMs;
    firstByteMs ??= lastByteMs;
    if (sizeBytes < KEPT_BYTES) text += chunk.toString('utf8');
    sizeBytes += chunk.byteLength;
    hash.update(chunk);
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const [exitCode] = (await once(child, 'close')) as [number];
  const [messages = '', headText = ''] = stderr.split(MARK);
  const { status, headers } = readHead(headText);
  return {
    exitCode,
    status,
    headers,
    sizeBytes,
    sha256: hash.digest('hex'),
    text,
    firstByteMs,
    lastByteMs,
    stderr: messages,
  };
}

function readHead(text: string): Pick<CurlResult, 'status' | 'headers'> {
  const [status = '', ...json] = text.split('\n');
  const headers = JSON.parse(json.join('\n') || '{}') as Readonly<Record<string, readonly string[]>>;
  return {
    status: Number(status),
    headers: new Map(Object.entries(headers).map(([name, values]) => [name, values.join(', ')])),
  };
}
