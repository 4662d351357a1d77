import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { logicalId } from '../../scenarios/support/stack.ts';
import type { System } from '../../scenarios/support/system.ts';
import type { RuntimeClient } from './clients.ts';
import type { Gate } from './gate.ts';
import { type CaseName, MEMORY_MB, OWN_VALUE, TIMEOUT_SECONDS } from './stack.ts';

export interface Scene {
  readonly system: System;
  readonly gate: Gate;
  readonly client: RuntimeClient;
}

/** What must hold for every client. */
export const cases: Readonly<Record<CaseName, { readonly says: string; play(scene: Scene): Promise<void> }>> = {
  echo: { says: 'answers with its event', play: echo },
  error: { says: 'reports the error of a handler and goes on', play: handlerError },
  context: { says: 'knows the invocation and its environment', play: context },
  stream: { says: 'sends the first byte before there is a last', play: firstBeforeLast },
  early: { says: 'reports an error before the first byte', play: early },
  broken: { says: 'cuts the connection after an error in mid-stream', play: brokenOff },
  large: { says: 'streams 64 MiB', play: large },
};

const BODY = '{"text":"日本語 \\u0000 \u{1f4be}"}';

async function echo({ system }: Scene): Promise<void> {
  const response = await fetch(`${system.url('/echo')}?q=${encodeURIComponent('a b+ü')}`, {
    method: 'POST',
    body: BODY,
  });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(await response.json()).toMatchObject({
    httpMethod: 'POST',
    path: '/echo',
    queryStringParameters: { q: 'a b+ü' },
    body: BODY,
  });
}

async function handlerError({ system, client }: Scene): Promise<void> {
  await assertRefused(system, '/error');
  // Until then it may still be busy, and the next event be another environment's.
  await system.logsWith(logicalId('error'), 'REPORT');
  await assertRefused(system, '/error');
  const reported = system.reported.filter((line) => line.startsWith('GET /prod/error -> 502'));
  expect(reported).toHaveLength(2);
  for (const line of reported) expect(line).toContain(client.error);
  const log = await system.logsWith(logicalId('error'), /(REPORT[\s\S]*){2}/);
  expect(log.match(/^INIT_START/gm)).toHaveLength(1);
}

async function assertRefused(system: System, path: string): Promise<void> {
  const response = await fetch(system.url(path));
  expect(response.status).toBe(502);
  expect(await response.json()).toEqual({ message: 'Internal server error' });
}

async function context({ system, client }: Scene): Promise<void> {
  const response = await fetch(system.url('/context'));
  expect(response.status).toBe(200);
  const document = (await response.json()) as Record<string, unknown>;
  const known = system.local.functions().find((each) => each.logicalId === logicalId('context'));
  expect(document).toEqual({
    requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    invokedFunctionArn: expect.stringMatching(
      new RegExp(`^arn:aws:lambda:us-east-1:\\d{12}:function:${known?.functionName}$`),
    ),
    remainingMs: expect.any(Number),
    functionName: known?.functionName,
    functionVersion: '$LATEST',
    memoryLimitInMB: String(MEMORY_MB),
    logGroupName: `/aws/lambda/${known?.functionName}`,
    logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
    traceId: expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};/),
    region: 'us-east-1',
    taskRoot: expect.stringMatching(/^\//),
    own: OWN_VALUE,
    ...client.moreContext,
  });
  expect(document['remainingMs']).toBeGreaterThan(0);
  expect(document['remainingMs']).toBeLessThanOrEqual(TIMEOUT_SECONDS * 1000);
  await system.logsWith(logicalId('context'), `START RequestId: ${document['requestId']}`);
}

async function firstBeforeLast({ system, gate }: Scene): Promise<void> {
  const { response, read } = await openStream(system, '/stream');
  expect([...response.headers]).toEqual(
    expect.arrayContaining([
      ['content-type', 'text/plain'],
      ['x-kind', 'streamed'],
      ['set-cookie', 'a=1'],
    ]),
  );
  // The handler has not written its last byte yet: it waits.
  expect(await read(6)).toBe('first ');
  await gate.open();
  expect(await read()).toBe('last');
}

async function early({ system }: Scene): Promise<void> {
  await assertRefused(system, '/early');
}

async function brokenOff({ system, gate }: Scene): Promise<void> {
  const { read } = await openStream(system, '/broken');
  expect(await read(6)).toBe('first ');
  await gate.open();
  await expect(read()).rejects.toThrow('terminated');
}

async function openStream(system: System, path: string) {
  const response = await fetch(system.url(path));
  expect(response.status).toBe(201);
  const body = (response.body as ReadableStream<Uint8Array>).getReader();
  /** At least `sizeBytes`, or all that is left. */
  const read = async (sizeBytes = Number.POSITIVE_INFINITY): Promise<string> => {
    const chunks: Uint8Array[] = [];
    for (let missing = sizeBytes; missing > 0; ) {
      const { done, value } = await body.read();
      if (done) break;
      chunks.push(value);
      missing -= value.byteLength;
    }
    return Buffer.concat(chunks).toString();
  };
  return { response, read };
}

const LARGE_CHUNKS = 1024;
const CHUNK_BYTES = 65_536;

async function large({ system }: Scene): Promise<void> {
  const expected = createHash('sha256');
  for (let index = 0; index < LARGE_CHUNKS; index += 1) expected.update(Buffer.alloc(CHUNK_BYTES, index % 251));
  const response = await fetch(system.url('/large'));
  expect(response.status).toBe(201);
  const actual = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    actual.update(chunk);
    sizeBytes += chunk.byteLength;
  }
  expect(sizeBytes).toBe(LARGE_CHUNKS * CHUNK_BYTES);
  expect(actual.digest('hex')).toBe(expected.digest('hex'));
}
