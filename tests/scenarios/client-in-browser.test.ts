// @spillway/client as a page loads it: bundled, in Chromium, from another origin than the API's.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { programPath } from './support/client-tools.ts';
import { BUCKET_NAME, downloadStack } from './support/download-handler.ts';
import { type FaultProxy, startFaultProxy } from './support/fault-proxy.ts';
import { seededBytes } from './support/random.ts';
import { type System, startSystem } from './support/system.ts';

const CHROMIUM = programPath('chromium', 'chromium-browser', 'google-chrome');
const BYTES = seededBytes(13, 20_000_000);
const SHA256 = createHash('sha256').update(BYTES).digest('hex');
const KEY = 'reports/請求書.bin';

/** What the page says of a download. */
interface Downloaded {
  readonly sha256: string;
  readonly fileName: string;
  readonly mode: string;
  readonly verified?: { readonly algorithm: string; readonly source: string };
  readonly retries: number;
  /** In the page's own directory: while it is there, and after it was removed. */
  readonly files: readonly [number, number];
}

/** The route with OPTIONS, which a page of another origin asks before it sends If-Match. */
function corsStack(origin: string): Record<string, string> {
  const files = downloadStack({ environment: { SPILLWAY_CORS_ORIGINS: origin } });
  const template = JSON.parse(files['template.yaml'] ?? '') as {
    readonly Resources: { readonly DownloadFunction: { readonly Properties: { Events: Record<string, object> } } };
  };
  const { Events } = template.Resources.DownloadFunction.Properties;
  const { Post, ...others } = Events;
  const { Properties } = Post as { readonly Properties: object };
  template.Resources.DownloadFunction.Properties.Events = {
    ...others,
    Options: { Type: 'Api', Properties: { ...Properties, Method: 'OPTIONS' } },
  };
  return { 'template.yaml': JSON.stringify(template) };
}

async function startPageServer(): Promise<Server> {
  const contents = "import { download } from '@spillway/client'; globalThis.download = download;";
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    format: 'esm',
    conditions: ['source'],
  });
  const script = outputFiles[0]?.text ?? '';
  const server = createServer((request, response) => {
    const isScript = request.url === '/client.js';
    response.writeHead(200, { 'Content-Type': isScript ? 'text/javascript' : 'text/html' });
    response.end(isScript ? script : '<!doctype html><script type="module" src="/client.js"></script>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe.skipIf(CHROMIUM === undefined)('the client in Chromium (needs chromium)', () => {
  let pages: Server;
  let system: System;
  let browser: Browser;
  let page: Page;
  let proxy: FaultProxy;
  let url = '';

  beforeAll(async () => {
    pages = await startPageServer();
    const origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
    system = await startSystem(corsStack(origin));
    url = system.url('/download/{key+}', KEY);
    const s3 = new S3Client({
      endpoint: system.local.url,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    await s3.send(new PutObjectCommand({ Bucket: BUCKET_NAME, Key: KEY, Body: BYTES }));
    s3.destroy();
    proxy = await startFaultProxy({
      upstream: system.local.url,
      seed: 20_261_123,
      share: () => 1,
      maxFaults: () => 3,
      faults: ['cut', 'reset'],
    });
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
    page = await browser.newPage();
    await page.goto(origin, { waitUntil: 'load' });
  });
  afterAll(async () => {
    await browser?.close();
    await proxy?.close();
    await system?.close();
    pages?.closeAllConnections();
    pages?.close();
  });

  const downloaded = (address: string, destination: string): Promise<Downloaded> =>
    page.evaluate(`(async () => {
      const files = async () => {
        let count = 0;
        for await (const _ of (await navigator.storage.getDirectory()).keys()) count += 1;
        return count;
      };
      const done = await download(${JSON.stringify(address)}, { destination: ${JSON.stringify(destination)} });
      const digest = await crypto.subtle.digest('SHA-256', await done.blob.arrayBuffer());
      const before = await files();
      await done.remove();
      const { fileName, mode, verified, retries } = done;
      const sha256 = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
      return { sha256, fileName, mode, verified, retries, files: [before, await files()] };
    })()`);

  it.each([
    ['opfs', [1, 0]],
    ['memory', [0, 0]],
  ] as const)('brings 20 MB in ranges to %s, verified', async (destination, files) => {
    expect(await downloaded(url, destination)).toMatchObject({
      sha256: SHA256,
      fileName: '請求書.bin',
      mode: 'ranges',
      verified: { algorithm: 'crc32', source: 'server' },
      files,
    });
  });

  it('goes on when answers are cut', async () => {
    const done = await downloaded(proxy.url + new URL(url).pathname, 'opfs');
    expect(done).toMatchObject({ sha256: SHA256, files: [1, 0] });
    expect(done.retries).toBeGreaterThan(0);
  });
});
