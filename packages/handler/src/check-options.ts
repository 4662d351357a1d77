import { UsageError } from '@spillway/wire';
import type { DownloadHandlerOptions } from './download-settings.ts';

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) > 0;
const isFunction: Check = (value) => typeof value === 'function';
const isObject: Check = (value) => typeof value === 'object' && value !== null;
const isOneOf =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);

const isListOf =
  (pattern: RegExp): Check =>
  (value) =>
    Array.isArray(value) && value.every((item) => typeof item === 'string' && pattern.test(item));

/** Every option there is, and what it takes. Browsers name an origin in lower case and without a slash at its end: another one would never match. */
const CHECKS: Readonly<Record<keyof DownloadHandlerOptions, Check>> = {
  bucket: isText,
  region: isText,
  origin: isObject,
  store: isObject,
  prefix: isText,
  pathParameter: isText,
  authorize: isFunction,
  authorizeTimeoutMs: isCount,
  disposition: isOneOf('attachment', 'inline'),
  cacheControl: isText,
  whenTooLarge: isOneOf('send-what-fits', 'redirect', 'refuse'),
  redirectExpiresInSeconds: isCount,
  maxResponseBytes: isCount,
  corsOrigins: isListOf(/^(?:\*|null|[a-z][a-z\d+.-]*:\/\/[^/?#,\sA-Z]+)$/),
  corsRequestHeaders: isListOf(/^[\w!#$%&'+.^`|~-]+$/),
  verify: isOneOf(true, false),
  patience: isObject,
  metricsNamespace: isText,
};

/** For JavaScript, where no compiler does it. @throws UsageError naming the option. */
export function checkOptions(options: DownloadHandlerOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(CHECKS, name)) throw new UsageError(`A download handler has no option ${JSON.stringify(name)}.`);
    if (value !== undefined && !CHECKS[name as keyof DownloadHandlerOptions](value))
      throw new UsageError(`A download handler takes no ${name} like ${JSON.stringify(value) ?? String(value)}.`);
  }
}
