import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECK_NAMES } from '@spillway/client/node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { programPath, runIn } from './support/client-tools.ts';
import { spillway } from './support/command.ts';
import { BUCKET_NAME, downloadStack } from './support/download-handler.ts';
import { type FaultyEndpoint, type Spoil, startFaultyEndpoint } from './support/faulty-endpoint.ts';
import { seededBytes } from './support/random.ts';
import { stackFiles } from './support/stack.ts';
import { makeWorkspace, startSystem, type Workspace } from './support/system.ts';
import { verified } from './support/verify.ts';

/** More than a buffered response holds, and enough for the pace to show: 2.5 s at AWS's. */
const BYTES = seededBytes(7, 11_534_336);
const SHA256 = createHash('sha256').update(BYTES).digest('hex');

const HAS_OPENSSL = programPath('openssl') !== undefined;

let endpoint: FaultyEndpoint | undefined;
afterEach(async () => endpoint?.close());

async function started(spoil?: Spoil, bytes: Uint8Array = BYTES): Promise<string> {
  endpoint = await startFaultyEndpoint(bytes, spoil);
  return endpoint.url;
}

describe('spillway verify', () => {
  it("passes the download function at AWS's pace, and a buffered route that refuses", async () => {
    const system = await startSystem(downloadStack());
    const buffered = await startSystem(
      stackFiles([
        {
          name: 'large',
          path: '/large',
          mode: 'BUFFERED',
          source: "export const handler = async () => ({ statusCode: 200, body: 'x'.repeat(7_000_000) });",
        },
      ]),
    );
    try {
      await system.put(BUCKET_NAME, 'reports/請求書.bin', BYTES);
      const url = system.url('/download/{key+}', 'reports/請求書.bin');
      const found = await verified(url, ['--sha256', SHA256, '--buffered', buffered.url('/large')]);
      expect(found.of('fail')).toEqual([]);
      expect(found.of('warn')).toEqual([]);
      expect(found.of('skip')).toEqual(['http-version']);
      expect(found.json.checks.map(({ name }) => name)).toEqual([...CHECK_NAMES]);
      expect(found).toMatchObject({
        exitCode: 0,
        json: { ok: true, url, sizeBytes: BYTES.byteLength, sha256: SHA256 },
      });
      expect(found.json.pace?.verdict).toBe('paced');
      expect(found.json.firstByteMs).toBeLessThan((found.json.lastByteMs ?? 0) / 2);
      expect(found.seen('buffered')).toContain('status 502');
      expect(found.seen('name')).toBe('"請求書.bin", in both forms');
      // The object, the resume and what the small ranges bring.
      expect(found.json.receivedBytes).toBeLessThan(BYTES.byteLength + 6_000_000);
    } finally {
      await buffered.close();
      await system.close();
    }
  });

  it('prints a table, and what to do', async () => {
    const command = spillway(['verify', await started(undefined, BYTES.subarray(0, 2_000_000))]);
    expect(await command.ended()).toBe(0);
    const lines = command.stdout().split('\n');
    expect(lines[0]).toMatch(/^check +result what was seen/);
    expect(lines).toContainEqual(expect.stringMatching(/^size +warn {3}2\.0 MB arrived/));
    expect(lines).toContainEqual(expect.stringMatching(/^ +-> name an object of more than 10,485,760 bytes$/));
    expect(lines).toContainEqual(expect.stringMatching(/^if-match +pass {3}412 for another ETag, 200 for its own$/));
    expect(lines.at(-2)).toMatch(/^No check failed \(\d+ passed, 2 warned, 0 failed, 3 skipped\)\. \d+ requests/);
  });

  it('takes what is no AWS for it: faster, and nothing failed', async () => {
    const found = await verified(await started());
    expect(found).toMatchObject({ exitCode: 0, json: { ok: true, pace: { verdict: 'faster' } } });
    expect(found.of('fail')).toEqual([]);
  });
});

const isWhole = (draft: { readonly status: number }) => draft.status === 200;

const withHeader =
  (name: string, value: string): Spoil =>
  ({ headers }) => {
    headers[name] = value;
  };

/** Faults, one each, and the checks that must say so. */
const FAULTS: readonly (readonly [string, Spoil, readonly string[]])[] = [
  [
    'without ranges',
    (draft) => {
      if (draft.status !== 206 && draft.status !== 416) return;
      Object.assign(draft, { status: 200, bytes: BYTES });
      delete draft.headers['Content-Range'];
      draft.headers['Content-Length'] = BYTES.byteLength;
    },
    ['range', 'suffix-range', 'open-range', 'unsatisfiable-range', 'resume'],
  ],
  [
    'with a HEAD that tells another length',
    (draft, { method }) => {
      if (method === 'HEAD') draft.headers['Content-Length'] = 0;
    },
    ['head'],
  ],
  ['with a weak ETag', withHeader('ETag', 'W/"version-1"'), ['etag']],
  [
    'with ranges that begin one byte late',
    (draft, { headers }) => {
      const start = Number(/^bytes=(\d+)-\d/.exec(headers.range ?? '')?.[1] ?? 0);
      if (draft.status === 206 && start > 0)
        draft.bytes = BYTES.subarray(start + 1, start + 1 + draft.bytes.byteLength);
    },
    ['range'],
  ],
  [
    'with a Content-Range of another size',
    (draft) => {
      if (draft.status !== 206) return;
      draft.headers['Content-Range'] = String(draft.headers['Content-Range']).replace(/\d+$/, '99999999');
    },
    ['range', 'suffix-range', 'open-range', 'resume'],
  ],
  [
    'that breaks off',
    (draft, { method }) => {
      if (isWhole(draft) && method === 'GET') draft.breakAfterBytes = 9_000_000;
    },
    ['size'],
  ],
  [
    'without a length',
    ({ headers }) => {
      delete headers['Content-Length'];
    },
    ['length'],
  ],
  ['with a wrong digest', withHeader('Repr-Digest', `sha-256=:${Buffer.alloc(32).toString('base64')}:`), ['digest']],
  [
    'that breaks off in place of a 304',
    (draft) => {
      if (draft.status === 304) draft.breakAfterBytes = -1;
    },
    ['if-none-match', 'if-modified-since'],
  ],
  [
    'that joins versions',
    (draft, { headers }) => {
      if (headers['if-range'] === undefined || !isWhole(draft)) return;
      Object.assign(draft, { status: 206, bytes: BYTES.subarray(1) });
      Object.assign(draft.headers, {
        'Content-Range': `bytes 1-${BYTES.byteLength - 1}/${BYTES.byteLength}`,
        'Content-Length': BYTES.byteLength - 1,
      });
    },
    ['if-range'],
  ],
  [
    'without If-Match',
    (draft) => {
      if (draft.status === 412) Object.assign(draft, { status: 200, bytes: BYTES });
      if (isWhole(draft)) draft.headers['Content-Length'] = draft.bytes.byteLength;
    },
    ['if-match'],
  ],
  [
    'that sends all of it again to a cache',
    (draft, { headers }) => {
      if (headers['if-none-match'] === undefined) return;
      Object.assign(draft, { status: 200, bytes: BYTES });
      draft.headers['Content-Length'] = BYTES.byteLength;
    },
    ['if-none-match'],
  ],
  [
    'with a name that climbs',
    withHeader('Content-Disposition', "attachment; filename=x; filename*=UTF-8''..%2F..%2Fetc%2Fpasswd"),
    ['name'],
  ],
  [
    'with a page that runs',
    ({ headers }) =>
      Object.assign(headers, { 'Content-Type': 'text/html', 'Content-Disposition': 'inline; filename=a' }),
    ['content-type'],
  ],
  ['that refuses', (draft) => Object.assign(draft, { status: 403 }) && undefined, ['answer']],
];

describe.skipIf(!HAS_OPENSSL)('spillway verify within TLS (needs openssl)', () => {
  let workspace: Workspace;
  beforeAll(async () => {
    workspace = await makeWorkspace();
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const args = [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'key.pem',
      '-out',
      'cert.pem',
      ...subject,
    ];
    expect(await runIn(workspace.path, 'openssl', ...args)).toBe(0);
  });
  afterAll(() => workspace?.remove());

  const overTls = async (spoil?: Spoil) => {
    const [key = '', cert = ''] = ['key.pem', 'cert.pem'].map((name) =>
      readFileSync(join(workspace.path, name), 'utf8'),
    );
    endpoint = await startFaultyEndpoint(BYTES, spoil, { key, cert });
    return verified(endpoint.url, [], { NODE_EXTRA_CA_CERTS: join(workspace.path, 'cert.pem') });
  };

  it('fetches a range over HTTP/2 as well', async () => {
    const found = await overTls();
    expect(found.of('fail')).toEqual([]);
    expect(found.seen('http-version')).toContain('a range over HTTP/2 (status 206, 65536 bytes) ended well');
  });

  it('leaves a server that sends the whole over HTTP/2 in place of a range', async () => {
    const found = await overTls(FAULTS[0]?.[1]);
    expect(found.seen('http-version')).toMatch(/a range over HTTP\/2 \(status 200, \d+ bytes\) ended well/);
    expect(found.of('fail')).toEqual(FAULTS[0]?.[2]);
  });

  it('fails an endpoint whose streams break over HTTP/2 alone', async () => {
    const found = await overTls((draft, { httpVersionMajor }) => {
      if (httpVersionMajor === 2) draft.breakAfterBytes = 1000;
    });
    expect(found.of('fail')).toEqual(['http-version']);
    expect(found.exitCode).toBe(1);
  });
});

describe('spillway verify, of a server', () => {
  it.each(FAULTS)('%s', async (_, spoil, failing) => {
    const found = await verified(await started(spoil));
    expect(found.of('fail')).toEqual(failing);
    expect(found).toMatchObject({ exitCode: failing.length === 0 ? 0 : 1, json: { ok: failing.length === 0 } });
    for (const check of found.json.checks) if (check.verdict === 'fail') expect(check.advice).toBeTruthy();
  });

  it('behind a proxy that waits for all of it', async () => {
    const url = await started((draft, { method }) => {
      if (isWhole(draft) && method === 'GET') draft.holdMs = 2_000;
    });
    const found = await verified(url);
    expect(found.of('fail')).toContain('buffering');
    // The first byte comes late, too, where the rest is quick.
    expect(['buffering', 'first-byte']).toEqual(expect.arrayContaining([...found.of('fail')]));
  });

  it('that is not there', async () => {
    const url = await started();
    await endpoint?.close();
    const found = await verified(url);
    expect(found.of('fail')).toEqual(['answer']);
    expect(found.exitCode).toBe(1);
  });

  it('that never ends, for as long as it may', async () => {
    const url = await started((draft) => {
      draft.holdMs = 3_600_000;
    });
    const found = await verified(url, ['--timeout', '1']);
    expect(found.of('fail')).toEqual(['answer']);
    expect(found.seen('answer')).toContain('ran out');
  });

  it('that knows Range but no If-Range, with a warning', async () => {
    const url = await started((draft, { headers }) => {
      if (headers['if-range'] === undefined) return;
      Object.assign(draft, { status: 200, bytes: BYTES });
      Object.assign(draft.headers, { 'Content-Length': BYTES.byteLength });
    });
    const found = await verified(url);
    expect([found.of('fail'), found.of('warn')]).toEqual([[], ['digest', 'resume']]);
  });

  it('whose buffered route sends it all', async () => {
    const url = await started();
    const found = await verified(url, ['--buffered', url]);
    expect(found.of('warn')).toContain('buffered');
  });

  it.each([
    [['--max-bytes', '1MB'], '--max-bytes takes'],
    [['--header', 'secret'], "--header takes 'Name: value'"],
    [['--buffered', 'here'], 'verify --buffered takes an http or https URL'],
    [['--timeout', '0'], '--timeout takes'],
    [['--fast'], "Unknown option '--fast'"],
  ])('refuses %j', async (args, message) => {
    const command = spillway(['verify', 'http://127.0.0.1:1/', ...args]);
    expect(await command.ended()).toBe(2);
    expect(command.stderr()).toContain(message);
    expect(command.stderr()).not.toContain('secret');
  });
});
