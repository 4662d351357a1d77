import { VERIFY_MAX_BYTES, VERIFY_TIMEOUT_MS, type VerifyOptions } from '@spillway/client/node';
import { UsageError } from '@spillway/wire';
import { type Options, parse } from '../options.ts';
import { headerOption, sha256Option, urlOption, wholeOption } from '../request-options.ts';

const OPTIONS = {
  buffered: { type: 'string' },
  header: { type: 'string', multiple: true, short: 'H', default: [] },
  sha256: { type: 'string' },
  'max-bytes': { type: 'string', default: String(VERIFY_MAX_BYTES) },
  timeout: { type: 'string', default: String(VERIFY_TIMEOUT_MS / 1000) },
  json: { type: 'boolean', default: false },
} as const satisfies Options;

/** What `spillway verify` is to do. */
export interface VerifyCommandOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly verify: Omit<VerifyOptions, 'createHash'>;
  readonly isJson: boolean;
}

/** Node's timers hold no more. */
const MAX_TIMEOUT_SECONDS = 2_147_483;

/** @throws UsageError */
export function verifyOptions(args: readonly string[]): VerifyCommandOptions {
  const { values, positionals } = parse('verify', args, OPTIONS);
  const [url, ...others] = positionals;
  if (url === undefined || others.length > 0) throw new UsageError('verify takes one URL. See spillway verify --help.');
  const headers = Object.fromEntries(values.header.map((text) => headerOption('verify', text)));
  const timeoutSeconds = wholeOption('--timeout', values.timeout, 1);
  if (timeoutSeconds > MAX_TIMEOUT_SECONDS) throw new UsageError(`--timeout takes ${MAX_TIMEOUT_SECONDS} at most.`);
  return {
    url: urlOption('verify', url),
    headers,
    verify: {
      headers,
      maxBytes: wholeOption('--max-bytes', values['max-bytes'], 1),
      timeoutMs: timeoutSeconds * 1000,
      ...(values.buffered !== undefined && { bufferedUrl: urlOption('verify --buffered', values.buffered) }),
      ...(values.sha256 !== undefined && { checksum: { algorithm: 'sha-256', hex: sha256Option(values.sha256) } }),
    },
    isJson: values.json,
  };
}
