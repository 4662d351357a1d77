import { relative } from 'node:path';
import {
  functionUrlsOf,
  type Local,
  type LocalFunctionUrl,
  type Route,
  routesOf,
  withLocalUrls,
} from '@spillway/local';
import { type Limits, type Stack, streamSeconds, type TemplateNote } from '@spillway/wire';
import { type DemoObject, LARGE_OBJECT, SMALL_OBJECT } from './demo.ts';
import type { Examples } from './examples.ts';
import { version } from './version.ts';

export interface ReadyScreenOptions {
  readonly limits: Limits;
  /** When the stacks are the demo's: in the order of its served examples. */
  readonly demo?: Examples;
}

/** What `spillway start` prints when it can be used. Its last line is `Ready on URL`. */
export function readyScreen(local: Local, { limits, demo }: ReadyScreenOptions): string {
  const sections = demo
    ? demoSections(local, demo, limits)
    : local.stacks.map((stack) => stackSection(stack, local.port));
  const notes = local.stacks.flatMap(noteLines);
  const parts = [heading(demo !== undefined), ...notes, ...sections, logsLine(local), `Ready on ${local.url}`];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function demoSections(local: Local, { served, missing }: Examples, limits: Limits): readonly string[] {
  const [first = [], ...others] = local.stacks.map((stack) => routesOf(stack, local.port).filter(isGet));
  const isStream = ({ transferMode }: Route) => transferMode === 'STREAM';
  const [download, ...relays] = first.filter(isStream);
  const streamed = download === undefined ? [] : [downloadSection(download, limits)];
  const minimal = relays.map((route) =>
    lines(`${head(route)}  (how it works, in thirty lines)`, curl(route, LARGE_OBJECT)),
  );
  // The other examples relay the same objects.
  const alike = others.flatMap((routes, index) =>
    routes
      .filter(isStream)
      .map((route) => lines(`${head(route)}  (${served[index + 1]?.name})`, curl(route, LARGE_OBJECT))),
  );
  const buffered = first
    .filter((route) => !isStream(route))
    .map((route) =>
      lines(head(route), curl(route, SMALL_OBJECT), curl(route, LARGE_OBJECT), `    502: ${overCap(limits)}`),
    );
  const lacking = missing.map(({ name, needs, command }) => `  ${name} needs ${needs}: ${command}`);
  return [...streamed, lines(...minimal, ...alike, ...lacking), ...buffered];
}

function downloadSection(route: Route, limits: Limits): string {
  const ranges = `    npx spillway get ${urlOf(route, LARGE_OBJECT)}`;
  const why = '    In parallel ranges, which the pace does not hold up; resumed and verified.';
  return lines(head(route), curl(route, LARGE_OBJECT), `    ${pace(limits)}`, ranges, why, curl(route, SMALL_OBJECT));
}

function stackSection(stack: Stack, port: number): string {
  const routes = routesOf(stack, port).map(head);
  const functionUrls = functionUrlsOf(stack, port).map(functionUrlLine);
  const outputs = stack.outputs.map(({ name, value }) => `  ${name} = ${withLocalUrls(value, port)}`);
  const buckets = stack.buckets.map(
    ({ bucketName }) =>
      `  Bucket ${bucketName}: aws --endpoint-url http://127.0.0.1:${port} s3 cp FILE s3://${bucketName}/`,
  );
  return lines(`Stack ${stack.name}`, ...routes, ...functionUrls, ...buckets, ...outputs);
}

function heading(isDemo: boolean): string {
  const demo = '\nThe demo: objects of an S3 bucket through a Lambda function and a REST API, streamed and buffered.';
  return `Spillway ${version()}: S3, Lambda and API Gateway on this machine, until Ctrl-C.${isDemo ? demo : ''}`;
}

function noteLines({ warnings, notEnforced }: Stack): readonly string[] {
  return [
    lines(
      ...warnings.map(({ file, line, column, message }) => `Warning: ${shortPath(file)}:${line}:${column}: ${message}`),
    ),
    lines(...withoutEffect(notEnforced)),
  ];
}

/** One paragraph for each reason, since a template may have many of the same kind: "Tags of Files: tags have no effect here." */
function withoutEffect(notes: readonly TemplateNote[]): readonly string[] {
  const byReason = new Map<string, string[]>();
  for (const { file, line, message } of notes) {
    const [, what = message, reason = 'it has no effect here'] = /^(.*?): (.*?)\.?$/s.exec(message) ?? [];
    const key = `${shortPath(file)}: ${reason}`;
    byReason.set(key, [...(byReason.get(key) ?? []), `${what} (line ${line})`]);
  }
  return [...byReason].map(([reason, whats]) => wrapped(`Note: ${reason}: ${whats.join(', ')}.`));
}

/** As the reader would name it. */
function shortPath(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith('..') || path === '' ? file : path;
}

const SCREEN_COLUMNS = 100;

/** Breaks a text between words; what follows the first line is indented. */
function wrapped(text: string, indent = 2): string {
  const rows = [''];
  for (const word of text.split(' ')) {
    const row = rows.at(-1) ?? '';
    if (row.length + word.length + 1 > SCREEN_COLUMNS && row !== '') rows.push(`${' '.repeat(indent)}${word}`);
    else rows[rows.length - 1] = row === '' ? word : `${row} ${word}`;
  }
  return rows.join('\n');
}

const functionUrlLine = ({ functionName, qualifier, authType, invokeMode, url }: LocalFunctionUrl) =>
  `  Function URL of ${[functionName, qualifier].filter(Boolean).join(':')} (${invokeMode}, ${authType}): ${url}`;

const head = (route: Route) => `  ${route.transferMode.padEnd(8)}  ${route.httpMethod} ${route.url}`;

function curl(route: Route, { key }: Pick<DemoObject, 'key'>): string {
  const fileName = key.slice(key.lastIndexOf('/') + 1);
  return `    curl --fail -o '${fileName}' ${urlOf(route, { key })}`;
}

const urlOf = (route: Route, { key }: Pick<DemoObject, 'key'>) =>
  route.url.replace('{key+}', key.split('/').map(encodeURIComponent).join('/'));

function pace(limits: Limits): string {
  const size = `${LARGE_OBJECT.sizeBytes / 1_048_576} MiB`;
  const seconds = streamSeconds(LARGE_OBJECT.sizeBytes, limits);
  if (seconds === 0) return `${size}, as fast as it goes: AWS's pace is lifted (--limits off).`;
  return `${size} take ${Math.ceil(seconds)} s at AWS's pace; --limits off lifts it (npm start -- --limits off).`;
}

const overCap = (limits: Limits) =>
  `a buffered Lambda response ends at ${(limits.lambdaBufferedResponseBytes / 1_048_576).toFixed(0)} MB; the log says what to do.`;

/** More logs than these are named in a row. */
const MAX_LOG_COMMANDS = 4;

function logsLine(local: Local): string {
  const port = local.port === 4566 ? '' : ` --port ${local.port}`;
  const functions = local.functions().map(({ functionName, logicalId }) => logicalId ?? functionName);
  if (functions.length === 0) return '';
  const stages = local.stacks.flatMap(({ restApis }) =>
    restApis.flatMap(({ restApi, stages }) =>
      stages.map(({ stageName }) => `API-Gateway-Execution-Logs_${restApi.id}/${stageName}`),
    ),
  );
  const names = [...functions, ...stages];
  const command = (name: string) => `  npx spillway logs ${name} --follow${port}`;
  if (names.length <= MAX_LOG_COMMANDS) return lines('Logs', ...names.map(command));
  return lines('Logs', command('NAME'), `  ${wrapped(`NAME: ${names.join(', ')}`, 8)}`);
}

const isGet = ({ httpMethod }: Route) => httpMethod === 'GET' || httpMethod === 'ANY';

const lines = (...parts: readonly string[]) => parts.join('\n');
