import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curl } from './support/curl.ts';
import { BUCKET_NAME, downloadStack } from './support/download-handler.ts';
import { type System, startSystem } from './support/system.ts';

const MIB = 1_048_576;
const OBJECT = randomBytes(64 * MIB);
const SHA_256 = createHash('sha256').update(OBJECT).digest('hex');
const CLIENTS = 64;
const MEMORY_MB = 128;

/** So many processes share the processor here that one may have to wait for its turn. */
const PATIENT = { SPILLWAY_OPEN_TIMEOUT_MS: '300000', SPILLWAY_IDLE_TIMEOUT_MS: '300000' };

let system: System;

beforeAll(async () => {
  system = await startSystem(downloadStack({ memorySizeMb: MEMORY_MB, environment: PATIENT }), {
    limit: { lambdaStreamBytesPerSecond: 8 * MIB, gatewayStreamBytesPerSecond: 8 * MIB, lambdaInitTimeoutMs: 120_000 },
  });
  await system.put(BUCKET_NAME, 'object.bin', OBJECT);
});
afterAll(() => system?.close());

describe(`${CLIENTS} downloads of 64 MiB at once`, () => {
  it(`are whole, and no function of ${MEMORY_MB} MB needs more`, async () => {
    const url = system.url('/download/{key+}', 'object.bin');
    const results = await Promise.all(Array.from({ length: CLIENTS }, () => curl(url)));
    const failures = results.filter(({ exitCode, sha256 }) => exitCode !== 0 || sha256 !== SHA_256);
    expect(
      failures.map(({ exitCode, status, sizeBytes, text }) => [exitCode, status, sizeBytes, text.slice(0, 200)]),
    ).toEqual([]);
    const reports = new RegExp(`(?:REPORT[^]*?){${CLIENTS}}`);
    const logs = await system.logsWith('DownloadFunction', reports);
    const peaksMb = [...logs.matchAll(/Max Memory Used: (\d+) MB/g)].map(([, peak]) => Number(peak));
    expect(peaksMb).toHaveLength(CLIENTS);
    expect(Math.max(...peaksMb)).toBeLessThan(MEMORY_MB);
  }, 900_000);
});
