import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curl } from './support/curl.ts';
import { startExample, WEB_EXAMPLES, type WebExample } from './support/examples.ts';
import { family, isAlive } from './support/processes.ts';
import type { System } from './support/system.ts';
import { type Gate, openGate } from './support/web-function.ts';

const ROUTE = '/download/{key+}';
const LARGE = { key: 'videos/sample-64MiB.bin', bytes: randomBytes(64 * 1_048_576) };
const SMALL = { key: 'reports/請求書 2026年11月.pdf', bytes: Buffer.from('%PDF-1.4\n%%EOF\n') };

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

const bucketOf = ({ local }: System) => local.stacks[0]?.buckets[0]?.bucketName ?? '';

/** The example's own processes below this one. */
const servers = ({ command }: WebExample) => family(process.pid).filter((info) => command.test(info.command));

async function readOn(chunks: AsyncIterator<unknown>): Promise<void> {
  while ((await chunks.next()).done !== true);
}

for (const example of WEB_EXAMPLES) {
  const { name, missing } = example;
  const title = missing === undefined ? name : `${name} (needs ${missing})`;

  describe.skipIf(missing !== undefined)(`example ${title}`, () => {
    let system: System;
    const url = (key: string) => system.url(ROUTE, key);

    beforeAll(async () => {
      system = await startExample(example);
      await system.put(bucketOf(system), LARGE.key, LARGE.bytes, 'video/mp4');
      await system.put(bucketOf(system), SMALL.key, SMALL.bytes, 'application/pdf');
    });
    afterAll(() => system?.close());

    it('deploys without a warning', () => {
      expect(system.local.stacks[0]?.warnings).toEqual([]);
    });

    it('sends 64 MiB, the first byte long before the last', async () => {
      expect(await curl(url(SMALL.key))).toMatchObject({ exitCode: 0, status: 200 });
      const result = await curl(url(LARGE.key));
      expect(result).toMatchObject({ exitCode: 0, status: 200, sha256: sha256(LARGE.bytes) });
      expect(result.headers.get('content-type')).toBe('video/mp4');
      expect(result.headers.get('content-length')).toBe(String(LARGE.bytes.byteLength));
      expect(result.firstByteMs).toBeLessThan((result.lastByteMs ?? 0) / 2);
    });

    it('names the file in Japanese, for GET and HEAD alike', async () => {
      const got = await curl(url(SMALL.key));
      expect(got.headers.get('content-disposition')).toBe(
        `attachment; filename="___ 2026_11_.pdf"; filename*=UTF-8''${encodeURIComponent('請求書 2026年11月.pdf')}`,
      );
      expect(got.sha256).toBe(sha256(SMALL.bytes));
      const head = await curl(url(SMALL.key), '--head');
      expect(head).toMatchObject({ exitCode: 0, status: 200 });
      for (const header of ['content-type', 'content-length', 'content-disposition', 'etag', 'last-modified']) {
        expect(head.headers.get(header), header).toBe(got.headers.get(header));
        expect(head.headers.get(header), header).toBeDefined();
      }
    });

    it('passes on one range', async () => {
      const part = await curl(url(LARGE.key), '--range', '1000000-1999999');
      expect(part).toMatchObject({
        exitCode: 0,
        status: 206,
        sha256: sha256(LARGE.bytes.subarray(1_000_000, 2_000_000)),
      });
      expect(part.headers.get('content-range')).toBe(`bytes 1000000-1999999/${LARGE.bytes.byteLength}`);
      expect(await curl(url(LARGE.key), '--range', '99999999-')).toMatchObject({ status: 416 });
    });

    it('says 404 for an object that does not exist, 400 for a path that is no UTF-8', async () => {
      const missingObject = await curl(url('reports/no such object.pdf'));
      expect(missingObject).toMatchObject({ exitCode: 0, status: 404 });
      expect(missingObject.text).toContain('There is no such object');
      expect(missingObject.headers.get('content-type')).toBe('application/json');
      expect(await curl(url('x').replace(/x$/, '%ff'))).toMatchObject({ status: 400 });
    });

    it('serves 8 downloads at once', async () => {
      const results = await Promise.all(Array.from({ length: 8 }, () => curl(url(LARGE.key), '--range', '0-16777215')));
      const digest = sha256(LARGE.bytes.subarray(0, 16_777_216));
      for (const result of results) expect(result).toMatchObject({ exitCode: 0, status: 206, sha256: digest });
      // Eight servers start at once, and on two cores that takes FastAPI its time.
    }, 180_000);

    it('ends with the server, every process of it', async () => {
      const own = await startExample(example);
      await own.put(bucketOf(own), SMALL.key, SMALL.bytes);
      const others = new Set(family(process.pid).map(({ pid }) => pid));
      expect(await curl(own.url(ROUTE, SMALL.key))).toMatchObject({ status: 200 });
      const started = family(process.pid).filter(({ pid }) => !others.has(pid));
      expect(started.some(({ command }) => example.command.test(command))).toBe(true);
      await own.close();
      expect(started.filter(({ pid }) => isAlive(pid))).toEqual([]);
    });
  });

  describe.skipIf(missing !== undefined)(`example ${title}, when something breaks`, () => {
    let gate: Gate;
    let system: System;
    const download = (key: string) => curl(system.url(ROUTE, key), '--max-time', '60');
    const bucketPath = (key: string) => `/${bucketOf(system)}/${key}`;

    beforeAll(async () => {
      gate = await openGate();
      const script = `${example.codeDirectory}/run.sh`;
      const original = readFileSync(join(example.copies[example.codeDirectory] ?? '', 'run.sh'), 'utf8');
      // Longer than the adapter waits before it says so.
      const slow = original.replace(/^exec/m, 'sleep 2.5\nexec');
      system = await startExample(example, { s3: gate.url, files: { [script]: slow } });
    });
    afterAll(async () => {
      await system?.close();
      gate?.close();
    });

    it('waits for a server that is slow to become ready, and passes on what S3 answers', async () => {
      const result = download('missing');
      (await gate.asked(bucketPath('missing'))).writeHead(404).end();
      expect(await result).toMatchObject({ exitCode: 0, status: 404 });
      expect(await system.logs(example.functionName)).toMatch(/app is not ready after \d+ ?ms/);
    });

    it('says 502 when S3 fails, or breaks off before it answers', async () => {
      const failed = download('failed');
      (await gate.asked(bucketPath('failed'))).writeHead(500).end();
      expect(await failed).toMatchObject({ exitCode: 0, status: 502 });
      const dropped = download('dropped');
      (await gate.asked(bucketPath('dropped'))).destroy();
      expect(await dropped).toMatchObject({ exitCode: 0, status: 502 });
    });

    it('breaks off when S3 does', async () => {
      const result = download('cut');
      const origin = await gate.asked(bucketPath('cut'));
      origin.writeHead(200, { 'Content-Length': 1_000_000 });
      origin.write(Buffer.alloc(1000), () => origin.destroy());
      // curl: transfer closed with outstanding read data remaining.
      expect(await result).toMatchObject({ exitCode: 18, status: 200 });
    });

    it('answers 502 when its process dies before the first byte, and the next request works', async () => {
      const result = download('never');
      await gate.asked(bucketPath('never'));
      for (const { pid } of servers(example)) process.kill(pid, 'SIGKILL');
      expect(await result).toMatchObject({ exitCode: 0, status: 502 });
      const next = download('next');
      (await gate.asked(bucketPath('next'))).writeHead(200, { 'Content-Length': 2 }).end('ok');
      expect(await next).toMatchObject({ exitCode: 0, status: 200, text: 'ok' });
    });

    it('breaks off when its process dies in mid stream, and the next request works', async () => {
      const responded = once(get(system.url(ROUTE, 'half')), 'response');
      const origin = await gate.asked(bucketPath('half'));
      origin.writeHead(200, { 'Content-Length': 200_000 }).write(Buffer.alloc(100_000));
      const [response] = (await responded) as [IncomingMessage];
      const rest = response[Symbol.asyncIterator]();
      await rest.next();
      for (const { pid } of servers(example)) process.kill(pid, 'SIGKILL');
      await expect(readOn(rest)).rejects.toThrow('aborted');
      const next = download('after');
      (await gate.asked(bucketPath('after'))).writeHead(200, { 'Content-Length': 2 }).end('ok');
      expect(await next).toMatchObject({ exitCode: 0, status: 200, text: 'ok' });
    });
  });
}
