import { afterEach, describe, expect, it } from 'vitest';
import { curl } from './support/curl.ts';
import { HAS_PYTHON } from './support/examples.ts';
import { BUCKET_NAME, stackFiles } from './support/stack.ts';
import { type System, startSystem } from './support/system.ts';
import { webFunctionFiles } from './support/web-function.ts';

// The first slips of docs/routes.md, as they are and mended.

let system: System;
afterEach(() => system?.close());

/** Relays an object with what `answer` does about `upstream`, S3's response. */
const relay = (answer: string) => `
import { pipeline } from 'node:stream/promises';
export const handler = awslambda.streamifyResponse(async (event, responseStream) => {
  const { AWS_ENDPOINT_URL_S3, BUCKET_NAME } = process.env;
  const upstream = await fetch(AWS_ENDPOINT_URL_S3 + '/' + BUCKET_NAME + '/' + event.pathParameters.key);
  ${answer}
});`;

const HEAD = '{ statusCode: 200, headers: { "Content-Disposition": "attachment" } }';
const SEND = `await pipeline(upstream.body, awslambda.HttpResponseStream.from(responseStream, ${HEAD}));`;
const REFUSE = `
  awslambda.HttpResponseStream.from(responseStream, { statusCode: 404 }).write('There is no such object.');
  responseStream.end();`;

it('a URL without its stage says 403, with it the file comes', async () => {
  system = await startSystem(
    stackFiles([{ name: 'relay', path: '/files/{key+}', mode: 'STREAM', source: relay(SEND) }]),
  );
  await system.put(BUCKET_NAME, 'there', Buffer.from('the file'));
  const url = system.url('/files/{key+}', 'there');
  const wrong = await curl(url.replace('/prod/', '/'));
  expect([wrong.status, JSON.parse(wrong.text)]).toEqual([403, { message: 'Forbidden' }]);
  expect(await curl(url)).toMatchObject({ status: 200, text: 'the file' });
});

it('an error of S3 is the file, until somebody looks at the status', async () => {
  const mended = `if (!upstream.ok) { ${REFUSE} return; } ${SEND}`;
  system = await startSystem(
    stackFiles([
      { name: 'slip', path: '/slip/{key+}', mode: 'STREAM', source: relay(SEND) },
      { name: 'mended', path: '/mended/{key+}', mode: 'STREAM', source: relay(mended) },
    ]),
  );
  const slip = await curl(system.url('/slip/{key+}', 'not-there'), '--fail');
  expect(slip).toMatchObject({ exitCode: 0, status: 200 });
  expect(slip.text).toContain('<Code>AccessDenied</Code>');
  const fixed = await curl(system.url('/mended/{key+}', 'not-there'));
  expect(fixed).toMatchObject({ status: 404, text: 'There is no such object.' });
});

const SERVER = `
import os, shutil
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Upstream:
    """What S3 sends of 20,000 bytes before it breaks off."""

    def __init__(self):
        self.pieces = [b"x" * 10_000]

    def read(self, size):
        if not self.pieces:
            raise OSError("S3 broke off")
        return self.pieces.pop()

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        upstream = Upstream()
        self.send_response(200)
        if self.path == "/mended":
            self.send_header("Content-Length", "20000")
        self.end_headers()
        try:
            shutil.copyfileobj(upstream, self.wfile)
        except OSError as error:
            if self.path == "/slip":
                return self.send_error(502)
            print(error)
            self.close_connection = True

ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
`;

const run = '#!/bin/sh\nexec python3 "$LAMBDA_TASK_ROOT/server.py"\n';

describe.skipIf(!HAS_PYTHON)(`in Python${HAS_PYTHON ? '' : ' (needs python3)'}`, () => {
  it('a second status line is part of the file; with a length the body is visibly not whole', async () => {
    system = await startSystem(
      webFunctionFiles({ runtime: 'python3.12', files: { 'run.sh': run, 'server.py': SERVER } }),
    );
    const slip = await curl(system.url('/{proxy+}', 'slip'), '--fail');
    expect(slip).toMatchObject({ exitCode: 0, status: 200 });
    expect(slip.text).toMatch(/^x{10000}HTTP\/1\.0 502 /);
    const fixed = await curl(system.url('/{proxy+}', 'mended'), '--fail');
    // curl: transfer closed with outstanding read data remaining.
    expect(fixed).toMatchObject({ exitCode: 18, status: 200 });
    expect(fixed.sizeBytes).toBeLessThan(20_000);
  });
});
