import { expect, test } from 'vitest';
import { downloadSettings } from './download-settings.ts';
import { optionsFromEnvironment } from './environment-options.ts';

test('variables become options', () => {
  const environment = {
    SPILLWAY_ORIGIN: 'https://files.example.com/public',
    SPILLWAY_ORIGIN_ALLOW: 'https://cdn.example.com, https://other.example.com',
    SPILLWAY_PREFIX: 'pub',
    SPILLWAY_WHEN_TOO_LARGE: 'refuse',
    SPILLWAY_MAX_RESPONSE_BYTES: '1000',
    SPILLWAY_VERIFY: 'false',
    SPILLWAY_CORS_ORIGINS: '*',
    SPILLWAY_CORS_REQUEST_HEADERS: 'x-api-key, x-tenant',
    SPILLWAY_IDLE_TIMEOUT_MS: '5000',
    SPILLWAY_REGION: '',
    PATH: '/bin',
  };
  expect(optionsFromEnvironment(environment)).toEqual({
    origin: {
      baseUrl: 'https://files.example.com/public',
      allow: ['https://cdn.example.com', 'https://other.example.com'],
    },
    prefix: 'pub',
    whenTooLarge: 'refuse',
    maxResponseBytes: 1000,
    verify: false,
    corsOrigins: ['*'],
    corsRequestHeaders: ['x-api-key', 'x-tenant'],
    patience: { idleTimeoutMs: 5000 },
  });
});

test.each([
  [{ SPILLWAY_BUCKETS: 'x' }, 'SPILLWAY_BUCKETS is no variable'],
  [{ SPILLWAY_DISPOSITION: 'open' }, 'attachment, inline'],
  [{ SPILLWAY_MAX_RESPONSE_BYTES: '-1' }, 'a number above 0'],
])('%j is refused', (environment, message) => {
  expect(() => optionsFromEnvironment(environment)).toThrow(message);
});

test.each([
  [{}, 'one of bucket, origin and store'],
  [{ bucket: 'b', origin: { baseUrl: 'https://a' } }, 'one of bucket, origin and store'],
  [{ origin: { baseUrl: 'file:///etc' } }, 'no URL of an origin'],
  [{ origin: { baseUrl: 'https://a', allow: ['b'] } }, 'no URL of an origin'],
  [{ bucket: 'b', cacheControl: 'a\nb' }, 'no header value'],
  [{ bucket: 'b', corsOrigins: ['https://app.example.com/'] }, 'takes no corsOrigins'],
  [{ bucket: 'b', corsOrigins: ['app.example.com'] }, 'takes no corsOrigins'],
  [{ bucket: 'b', corsRequestHeaders: ['x-a: b'] }, 'takes no corsRequestHeaders'],
  [{ bucket: 'b', corsRequestHeaders: ['*'] }, 'takes no corsRequestHeaders'],
])('%j is refused as options', (options, message) => {
  expect(() => downloadSettings(options)).toThrow(message);
});
