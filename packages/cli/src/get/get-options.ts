import { homedir } from 'node:os';
import type { DownloadToFileOptions } from '@spillway/client/node';
import { UsageError } from '@spillway/wire';
import { type Options, parse } from '../options.ts';
import { headerOption, sha256Option, urlOption, wholeOption } from '../request-options.ts';

const OPTIONS = {
  output: { type: 'string', short: 'o' },
  header: { type: 'string', multiple: true, short: 'H', default: [] },
  sha256: { type: 'string' },
  concurrency: { type: 'string' },
  'range-size': { type: 'string' },
  'on-change': { type: 'string', default: 'restart' },
  'accept-unknown-length': { type: 'boolean', default: false },
  force: { type: 'boolean', default: false },
  quiet: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const satisfies Options;

/** What `spillway get` is to do. */
export interface GetOptions {
  readonly url: string;
  readonly download: DownloadToFileOptions;
  readonly isQuiet: boolean;
  readonly isJson: boolean;
}

/** @throws UsageError */
export function getOptions(args: readonly string[]): GetOptions {
  const { values, positionals } = parse('get', args, OPTIONS);
  const [url, ...others] = positionals;
  if (url === undefined || others.length > 0) throw new UsageError('get takes one URL. See spillway get --help.');
  const { output } = values;
  if (output === '-') {
    throw new UsageError(
      '-o - is not supported: ranges arrive in any order, and no byte is handed on before all are verified. Name a file.',
    );
  }
  const headers = Object.fromEntries(values.header.map((text) => headerOption('get', text)));
  return {
    url: urlOption('get', url),
    download: {
      headers,
      force: values.force,
      onChange: onChangeOption(values['on-change']),
      acceptUnknownLength: values['accept-unknown-length'],
      ...(output !== undefined && { file: expandHome(output) }),
      ...(values.sha256 !== undefined && { checksum: { algorithm: 'sha-256', hex: sha256Option(values.sha256) } }),
      ...(values.concurrency !== undefined && concurrencyOption(values.concurrency)),
      ...(values['range-size'] !== undefined && {
        rangeSizeBytes: wholeOption('--range-size', values['range-size'], MIN_RANGE_BYTES),
      }),
    },
    isQuiet: values.quiet,
    isJson: values.json,
  };
}

/** Each range is a request and an invocation. */
const MIN_RANGE_BYTES = 65_536;

/** Both ends of what shells leave as it is: `-o=~/x`. */
const expandHome = (path: string) => (path.startsWith('~/') ? homedir() + path.slice(1) : path);

/** So many from the start on, and no more. */
function concurrencyOption(text: string): { concurrency: number; maxConcurrency: number } {
  const concurrency = wholeOption('--concurrency', text, 1);
  return { concurrency, maxConcurrency: concurrency };
}

function onChangeOption(text: string): 'restart' | 'fail' {
  if (text === 'restart' || text === 'fail') return text;
  throw new UsageError(`--on-change takes restart or fail, not ${JSON.stringify(text)}.`);
}
