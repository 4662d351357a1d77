import { UsageError } from '@spillway/wire';
import type { DispositionType } from './content-disposition.ts';
import type { DownloadHandlerOptions, TooLargePolicy } from './download-settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Every variable of the bundle, and the option that it sets. */
const READERS = {
  SPILLWAY_BUCKET: (text) => ({ bucket: text }),
  SPILLWAY_REGION: (text) => ({ region: text }),
  SPILLWAY_ORIGIN: () => ({}),
  SPILLWAY_ORIGIN_ALLOW: () => ({}),
  SPILLWAY_PREFIX: (text) => ({ prefix: text }),
  SPILLWAY_PATH_PARAMETER: (text) => ({ pathParameter: text }),
  SPILLWAY_DISPOSITION: (text, name) => ({ disposition: oneOf<DispositionType>(name, text, ['attachment', 'inline']) }),
  SPILLWAY_CACHE_CONTROL: (text) => ({ cacheControl: text }),
  SPILLWAY_WHEN_TOO_LARGE: (text, name) => ({
    whenTooLarge: oneOf<TooLargePolicy>(name, text, ['send-what-fits', 'redirect', 'refuse']),
  }),
  SPILLWAY_REDIRECT_EXPIRES_IN_SECONDS: (text, name) => ({ redirectExpiresInSeconds: count(name, text) }),
  SPILLWAY_MAX_RESPONSE_BYTES: (text, name) => ({ maxResponseBytes: count(name, text) }),
  SPILLWAY_CORS_ORIGINS: (text) => ({ corsOrigins: list(text) }),
  SPILLWAY_CORS_REQUEST_HEADERS: (text) => ({ corsRequestHeaders: list(text) }),
  SPILLWAY_VERIFY: (text, name) => ({ verify: oneOf(name, text, ['true', 'false']) === 'true' }),
  SPILLWAY_OPEN_TIMEOUT_MS: () => ({}),
  SPILLWAY_IDLE_TIMEOUT_MS: () => ({}),
  SPILLWAY_RESUME_TIMEOUT_MS: () => ({}),
  SPILLWAY_METRICS_NAMESPACE: (text) => ({ metricsNamespace: text }),
} as const satisfies Record<string, (text: string, name: string) => DownloadHandlerOptions>;

/**
 * The options of the ready-made bundle.
 * @throws UsageError for a value that means nothing, and for a `SPILLWAY_` variable that is not known: it is misspelt.
 */
export function optionsFromEnvironment(environment: Environment): DownloadHandlerOptions {
  const options = Object.entries(environment).flatMap(([name, text]) => {
    if (!name.startsWith('SPILLWAY_') || text === undefined || text === '') return [];
    if (!isKnown(name)) throw new UsageError(`${name} is no variable of the download function.`);
    return [READERS[name](text, name) as DownloadHandlerOptions];
  });
  const baseUrl = environment['SPILLWAY_ORIGIN'];
  const origin = baseUrl ? { origin: { baseUrl, allow: list(environment['SPILLWAY_ORIGIN_ALLOW'] ?? '') } } : {};
  return Object.assign({}, ...options, origin, patienceOf(environment)) as DownloadHandlerOptions;
}

const PATIENCE = {
  SPILLWAY_OPEN_TIMEOUT_MS: 'openTimeoutMs',
  SPILLWAY_IDLE_TIMEOUT_MS: 'idleTimeoutMs',
  SPILLWAY_RESUME_TIMEOUT_MS: 'resumeTimeoutMs',
} as const;

function patienceOf(environment: Environment): Pick<DownloadHandlerOptions, 'patience'> {
  const given = Object.entries(PATIENCE).flatMap(([name, option]) => {
    const text = environment[name];
    return text ? [[option, count(name, text)] as const] : [];
  });
  return given.length === 0 ? {} : { patience: Object.fromEntries(given) };
}

const isKnown = (name: string): name is keyof typeof READERS => Object.hasOwn(READERS, name);

const list = (text: string) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

function oneOf<Value extends string>(name: string, text: string, values: readonly Value[]): Value {
  const value = values.find((candidate) => candidate === text);
  if (value === undefined) throw new UsageError(`${name} is ${JSON.stringify(text)}; it takes ${values.join(', ')}.`);
  return value;
}

function count(name: string, text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text))
    throw new UsageError(`${name} is ${JSON.stringify(text)}; it takes a number above 0.`);
  return Number(text);
}
