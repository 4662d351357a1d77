import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { LocalOptions } from '@spillway/local';
import { UsageError } from '@spillway/wire';

/** `--interpreter RUNTIME=PATH`. @throws UsageError for a runtime without an interpreter, or a file that is not there. */
export function interpreterOption(text: string): [runtime: string, path: string] {
  const [, runtime = '', given = ''] = /^((?:python3\.\d+|nodejs\d+\.x))=(.+)$/.exec(text) ?? [];
  if (runtime === '') {
    throw new UsageError(
      `--interpreter takes RUNTIME=PATH, such as python3.12=/usr/bin/python3, not ${JSON.stringify(text)}.`,
    );
  }
  const path = resolve(given);
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return [runtime, path];
  throw new UsageError(`--interpreter ${runtime}: there is no program ${path}.`);
}

/** `--lwa-layer PATH`. @throws UsageError for what can't be a layer. */
export function webAdapterLayerOption(given: string | undefined): Pick<LocalOptions, 'webAdapterLayer'> {
  if (given === undefined) return {};
  const path = resolve(given);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() && /\.zip$/i.test(path)) return { webAdapterLayer: path };
  if (stats?.isDirectory() && existsSync(resolve(path, 'extensions'))) return { webAdapterLayer: path };
  throw new UsageError(
    `--lwa-layer takes the layer of AWS Lambda Web Adapter: a zip file, or a directory that holds bootstrap and extensions/. ${path} ${stats === undefined ? 'does not exist' : 'is neither'}.`,
  );
}

/** `--aws-hosts local|off`. */
export function awsHostsOption(text: string): Required<Pick<LocalOptions, 'awsHosts'>> {
  if (text === 'local' || text === 'off') return { awsHosts: text };
  throw new UsageError(`--aws-hosts takes local or off, not ${JSON.stringify(text)}.`);
}

/** `--lwa-failed-stream as-lwa|break`. */
export function failedStreamOption(text: string): Required<Pick<LocalOptions, 'lwaFailedStream'>> {
  if (text === 'as-lwa' || text === 'break') return { lwaFailedStream: text };
  throw new UsageError(`--lwa-failed-stream takes as-lwa or break, not ${JSON.stringify(text)}.`);
}
