import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUCKET_NAME, downloadStack } from './support/download-handler.ts';
import { type System, startSystem } from './support/system.ts';

const MIB = 1_048_576;
const OBJECT = randomBytes(64 * MIB);
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
  await writeFile(join(system.workspace.path, 'object.bin'), OBJECT);
});
afterAll(() => system?.close());

/**
 * What is wrong with a download, nothing as a rule. Each byte is compared, but not in this process, through which all of them pass as
 * it is: it is the system.
 */
function download(url: string): Promise<string> {
  const script = 'curl --silent --show-error --fail "$1" | cmp - object.bin';
  return new Promise((resolve) => {
    execFile('sh', ['-c', script, 'sh', url], { cwd: system.workspace.path }, (error, stdout, stderr) =>
      resolve(error === null ? stderr : `${error.code}: ${stdout}${stderr}`),
    );
  });
}

describe(`${CLIENTS} downloads of 64 MiB at once`, () => {
  it(`are whole, and no function of ${MEMORY_MB} MB needs more`, async () => {
    const url = system.url('/download/{key+}', 'object.bin');
    const complaints = await Promise.all(Array.from({ length: CLIENTS }, () => download(url)));
    expect(complaints.filter((complaint) => complaint !== '')).toEqual([]);
    const reports = new RegExp(`(?:REPORT[^]*?){${CLIENTS}}`);
    const logs = await system.logsWith('DownloadFunction', reports);
    const peaksMb = [...logs.matchAll(/Max Memory Used: (\d+) MB/g)].map(([, peak]) => Number(peak));
    expect(peaksMb).toHaveLength(CLIENTS);
    expect(Math.max(...peaksMb)).toBeLessThan(MEMORY_MB);
  }, 900_000);
});
