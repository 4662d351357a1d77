import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { refuseCrossSite } from './who-may-call.ts';

const request = (headers: Readonly<Record<string, string>>) => ({ headers }) as unknown as IncomingMessage;

describe('refuseCrossSite', () => {
  it.each([
    { host: '127.0.0.1:4566' },
    { host: 'localhost' },
    { host: '[::1]:4566' },
    { host: 'bucket.s3.localhost:4566' },
    { host: 'localhost:4566', origin: 'http://localhost:4566', 'sec-fetch-site': 'same-origin' },
  ])('lets %j in', (headers) => {
    expect(() => refuseCrossSite(request(headers))).not.toThrow();
  });

  it.each([
    {},
    { host: 'evil.example:4566' },
    { host: '127.0.0.1.evil.example' },
    { host: 'localhost.evil.example' },
    { host: 'evillocalhost' },
    { host: '127.0.0.1:4566', origin: 'http://evil.example' },
    { host: '127.0.0.1:4566', origin: 'null' },
    { host: '127.0.0.1:4566', origin: 'http://127.0.0.1:3000' },
    { host: '127.0.0.1:4566', origin: 'https://127.0.0.1:4566' },
    { host: '127.0.0.1:4566', 'sec-fetch-site': 'cross-site' },
  ])('keeps %j out', (headers) => {
    expect(() => refuseCrossSite(request(headers as Record<string, string>))).toThrow(
      expect.objectContaining({ code: 'CrossSiteRequestRefused', status: 403 }),
    );
  });
});
