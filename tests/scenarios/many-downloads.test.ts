import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curl } from './support/curl.ts';
import { BUCKET_NAME, RELAY, stackFiles } from './support/stack.ts';
import { type System, startSystem } from './support/system.ts';

const OBJECT = randomBytes(8 * 1_048_576);
const SHA_256 = createHash('sha256').update(OBJECT).digest('hex');
const CLIENTS = 64;

let system: System;

beforeAll(async () => {
  const files = stackFiles([
    { name: 'relay', path: '/relay/{key+}', mode: 'STREAM', source: RELAY, memorySizeMb: 128 },
  ]);
  system = await startSystem(files, {
    limit: { lambdaStreamBytesPerSecond: 16 * 1_048_576, lambdaInitTimeoutMs: 60_000 },
  });
  await system.put(BUCKET_NAME, 'object.bin', OBJECT);
});
afterAll(() => system?.close());

describe(`${CLIENTS} downloads at once`, () => {
  it('are whole, each from an environment of its own, and keep no memory', async () => {
    const before = process.memoryUsage().rss;
    const url = system.url('/relay/{key+}', 'object.bin');
    const results = await Promise.all(Array.from({ length: CLIENTS }, () => curl(url)));
    expect(results.filter(({ exitCode, sha256 }) => exitCode === 0 && sha256 === SHA_256)).toHaveLength(CLIENTS);
    expect(process.memoryUsage().rss - before).toBeLessThan(CLIENTS * OBJECT.byteLength * 0.5);
  }, 120_000);
});
