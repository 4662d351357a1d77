import { Readable } from 'node:stream';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { contentDisposition } from './content-disposition.ts';
import { openObject } from './stored-object.ts';

const PREFIX = '/download/';

const app = new Hono();

// The adapter asks here until the server is ready.
app.get('/', (context) => context.text('Ready.'));

// Answers HEAD, too.
app.get(`${PREFIX}*`, async (context) => {
  const key = objectKey(new URL(context.req.url).pathname);
  const object = await openObject({
    key,
    method: context.req.raw.method,
    range: wantedRange(context.req.header('Range'), context.req.header('If-Range')),
  });
  const headers = {
    ...object.headers,
    'Content-Disposition': contentDisposition(key),
    'Accept-Ranges': 'bytes',
    'X-Content-Type-Options': 'nosniff',
  };
  // If S3 breaks off, the stream fails and the server closes the connection, which says that the body is not whole.
  const body = object.body === undefined ? null : (Readable.toWeb(object.body) as ReadableStream);
  return new Response(body, { status: object.status, headers });
});

app.onError((error, context) => {
  if (!(error instanceof HTTPException)) console.error(error);
  const status = error instanceof HTTPException ? error.status : 500;
  const message = error instanceof HTTPException ? error.message : 'Internal server error';
  const headers = error instanceof HTTPException ? Object.fromEntries(error.res?.headers ?? []) : {};
  return context.json({ message }, status, headers);
});

/** The path as it was sent, decoded once. */
function objectKey(pathname: string): string {
  try {
    return decodeURIComponent(pathname.slice(PREFIX.length));
  } catch {
    throw new HTTPException(400, { message: 'The path is not valid percent-encoded UTF-8.' });
  }
}

/** S3 knows no If-Range; the whole object is always a right answer to it. One range is enough for whoever goes on with a download. */
function wantedRange(range: string | undefined, ifRange: string | undefined): string | undefined {
  return ifRange === undefined && /^bytes=(?:\d+-\d*|-\d+)$/.test(range ?? '') ? range : undefined;
}

serve({ fetch: app.fetch, hostname: '127.0.0.1', port: Number(process.env.PORT) });
