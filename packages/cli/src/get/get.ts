// spillway get URL: a file in parallel ranges, resumed, verified, put in its place at the end. The client does the work; this is its
// terminal. Exit codes are listed in help.ts.
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { DownloadError, type DownloadErrorCode } from '@spillway/client';
import { type DownloadedFile, downloadToFile } from '@spillway/client/node';
import { flushed } from '../flushed.ts';
import { type Display, openDisplay, QUIET } from './display.ts';
import { type GetOptions, getOptions } from './get-options.ts';
import { formatBytes, formatSeconds } from './sizes.ts';

const EXIT_CODES: Readonly<Record<DownloadErrorCode, number>> = {
  Refused: 3,
  Unreachable: 4,
  BadAnswer: 5,
  ContentCoded: 5,
  UnknownLength: 5,
  ObjectChanged: 6,
  DigestMismatch: 7,
  FileExists: 8,
  FileInUse: 8,
  TooLargeForMemory: 1,
};

/** As shells count a process that a signal ended. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** `spillway get`: sets the exit code by what became of the download. */
export async function get(args: readonly string[]): Promise<void> {
  const options = getOptions(args);
  const display = options.isQuiet || options.isJson ? QUIET : openDisplay(process.stderr);
  const stop = new AbortController();
  for (const [name, exitCode] of Object.entries(SIGNALS)) process.once(name, () => stop.abort(new Stopped(exitCode)));
  let file: string | undefined;
  try {
    const downloaded = await downloadToFile(options.url, {
      ...options.download,
      signal: stop.signal,
      onEvent: (event) => display.event(event),
      onFile: (path) => {
        file = path;
      },
    });
    succeed(options, display, downloaded);
  } catch (error) {
    fail(options, display, error, file ?? options.download.file);
  }
  // Nothing is left to wait for but connections kept alive.
  await flushed();
  process.exit();
}

/** Ended by a signal. */
class Stopped extends Error {
  readonly code = 'Stopped';
  readonly exitCode: number;

  constructor(exitCode: number) {
    super('stopped');
    this.exitCode = exitCode;
  }
}

function succeed({ isQuiet, isJson }: GetOptions, display: Display, downloaded: DownloadedFile): void {
  display.end();
  if (isJson) process.stdout.write(`${JSON.stringify({ ok: true, ...downloaded })}\n`);
  else if (!isQuiet) process.stdout.write(`${successText(downloaded)}\n`);
}

function successText(downloaded: DownloadedFile): string {
  const { sizeBytes, verified, wasThere, elapsedMs } = downloaded;
  const file = shortPath(downloaded.file);
  if (wasThere)
    return `${file}: there already, ${formatBytes(sizeBytes)}, ${verified ? checkedText(verified) : 'same MD5 as the ETag'}.`;
  const seconds = elapsedMs / 1000;
  const speed = formatBytes((sizeBytes - downloaded.resumedBytes) / Math.max(seconds, 0.001));
  return [
    `${file}: ${formatBytes(sizeBytes)} in ${formatSeconds(seconds)} (${speed}/s).`,
    verified
      ? `Verified: ${checkedText(verified)}.`
      : 'Not verified: neither the server nor --sha256 gave a checksum; only the length was checked.',
    costText(downloaded),
  ].join('\n');
}

/** As it is named from here. */
function shortPath(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith('..') ? file : path;
}

const checkedText = ({ algorithm, hex, source }: NonNullable<DownloadedFile['verified']>): string =>
  `${algorithm} ${hex}, given by the ${source}`;

function costText({ requests, estimatedInvocations, receivedBytes, retries, throttled }: DownloadedFile): string {
  const parts = [
    `${requests} requests`,
    `about ${estimatedInvocations} Lambda invocations`,
    `${formatBytes(receivedBytes)} received`,
  ];
  if (retries > 0) parts.push(`${retries} made again`);
  if (throttled > 0) parts.push(`${throttled} throttled`);
  return `${parts.join(', ')}.`;
}

/** @throws what nobody at a terminal can do anything about */
function fail(options: GetOptions, display: Display, error: unknown, file: string | undefined): void {
  display.end();
  if (!isKnown(error)) throw error;
  process.exitCode = exitCodeOf(error);
  const resume =
    file !== undefined && existsSync(`${file}.part.json`) ? resumeCommand(options, shortPath(file)) : undefined;
  if (options.isJson) {
    const { code } = error;
    const document = {
      ok: false,
      error: { code, message: error.message },
      ...(file && { file }),
      ...(resume && { resume }),
    };
    process.stdout.write(`${JSON.stringify(document)}\n`);
    return;
  }
  process.stderr.write(`spillway: ${adviceOf(error)}${resume === undefined ? '' : `\nTo go on: ${resume}`}\n`);
}

/** What the system says of the file: no room, no such directory. `code` is `ENOSPC` and the like. */
type SystemError = Error & { readonly code: string; readonly syscall: string };
type Known = DownloadError | Stopped | SystemError;

const isKnown = (error: unknown): error is Known =>
  error instanceof DownloadError || error instanceof Stopped || (error instanceof Error && 'syscall' in error);

function exitCodeOf(error: Known): number {
  if (error instanceof Stopped) return error.exitCode;
  return error instanceof DownloadError ? EXIT_CODES[error.code] : 1;
}

function adviceOf(error: Known): string {
  const advice = error instanceof DownloadError ? ADVICE[error.code] : undefined;
  return `${error.message}.${advice === undefined ? '' : ` ${advice}`}`;
}

const ADVICE: Readonly<Partial<Record<DownloadErrorCode, string>>> = {
  FileExists: '--force replaces it.',
  UnknownLength: '--sha256 HEX proves it; --accept-unknown-length takes it as it comes.',
  ContentCoded: '--sha256 HEX of the decoded file proves it; --accept-unknown-length takes it as it comes.',
  DigestMismatch: 'What came was thrown away.',
};

/**
 * Without what may be a secret: the values of headers, and the query of a signed URL but where a person sees it who typed it. Logs are
 * kept, and read by others.
 */
function resumeCommand({ url, download, isJson }: GetOptions, file: string): string {
  const isSeenByOne = process.stderr.isTTY && !isJson;
  const shown = isSeenByOne ? url : url.replace(/\?.+$/s, '?...');
  const headers = Object.keys(download.headers ?? {}).map((name) => `--header ${quoted(`${name}: ...`)}`);
  const options = [
    ...(download.checksum === undefined ? [] : ['--sha256', download.checksum.hex]),
    ...(download.force ? ['--force'] : []),
    ...(download.acceptUnknownLength ? ['--accept-unknown-length'] : []),
    ...(download.onChange === 'fail' ? ['--on-change', 'fail'] : []),
    ...(download.concurrency === undefined ? [] : ['--concurrency', String(download.concurrency)]),
    ...(download.rangeSizeBytes === undefined ? [] : ['--range-size', String(download.rangeSizeBytes)]),
  ];
  return ['spillway get', quoted(shown), '-o', quoted(file), ...headers, ...options].join(' ');
}

const quoted = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
