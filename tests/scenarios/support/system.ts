import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { AWS_LIMITS, bodyOf, type Limits } from '@spillway/wire';
import { type Local, type LocalOptions, routesOf, startLocal } from '../../../packages/local/src/index.ts';

/** A directory of files for one test, removed by `remove()`. */
export interface Workspace {
  readonly path: string;
  write(files: Readonly<Record<string, string>>): Promise<void>;
  remove(): Promise<void>;
}

export async function makeWorkspace(files: Readonly<Record<string, string>> = {}): Promise<Workspace> {
  const path = await mkdtemp(join(tmpdir(), 'scenario-'));
  const write = async (more: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(more)) {
      await mkdir(dirname(join(path, name)), { recursive: true });
      // A script is executable, as in a package that was made on Unix.
      await writeFile(join(path, name), text, { mode: text.startsWith('#!') ? 0o755 : 0o644 });
    }
  };
  await write(files);
  return { path, write, remove: () => rm(path, { recursive: true, force: true }) };
}

/** The whole system in this process, with a template and functions written for the test. */
export interface System {
  readonly local: Local;
  readonly workspace: Workspace;
  /** What the terminal was told. */
  readonly reported: string[];
  /** The URL of the route `GET {path}`, with `path` put in the place of its greedy parameter, when it has one. */
  url(resourcePath: string, parameter?: string): string;
  put(bucketName: string, key: string, bytes: Uint8Array, contentType?: string): Promise<void>;
  /** Every event of a function's log, or of a log group. */
  logs(name: string): Promise<string>;
  /** Asks until the log holds `text`. */
  logsWith(name: string, text: string | RegExp): Promise<string>;
  close(): Promise<void>;
}

export interface SystemOptions extends Partial<LocalOptions> {
  /** Merged into AWS's. */
  readonly limit?: Partial<Limits>;
  /** Files and directories that are copied before `files` are written: place in the workspace to path. */
  readonly copies?: Readonly<Record<string, string>>;
}

export async function startSystem(
  files: Readonly<Record<string, string>>,
  { limit = {}, copies = {}, ...options }: SystemOptions = {},
): Promise<System> {
  const workspace = await makeWorkspace();
  for (const [place, source] of Object.entries(copies)) {
    // Python's compiled files count as long as their times do.
    await cp(source, join(workspace.path, place), { recursive: true, preserveTimestamps: true });
  }
  await workspace.write(files);
  const reported: string[] = [];
  const local = await startLocal({
    templates: [join(workspace.path, 'template.yaml')],
    port: 0,
    limits: { ...AWS_LIMITS, ...limit },
    report: (line) => reported.push(line),
    ...options,
  }).catch(async (error: unknown) => {
    await workspace.remove();
    throw error;
  });
  const logs = (name: string) => readLogs(local, name);
  return {
    local,
    workspace,
    reported,
    url: (resourcePath, parameter = '') => routeUrl(local, resourcePath, parameter),
    put: (bucketName, key, bytes, contentType = 'application/octet-stream') =>
      local.putObject({ bucketName, key, contentType, body: bodyOf(bytes) }),
    logs,
    logsWith: (name, text) => until(() => logs(name), text),
    close: async () => {
      await local.close();
      await workspace.remove();
    },
  };
}

function routeUrl(local: Local, resourcePath: string, parameter: string): string {
  const route = local.stacks
    .flatMap((stack) => routesOf(stack, local.port))
    .find((candidate) => candidate.resourcePath === resourcePath);
  if (route === undefined) throw new Error(`no route ${resourcePath}`);
  return route.url.replace(/\{[^}]+\}/, parameter.split('/').map(encodeURIComponent).join('/'));
}

async function readLogs(local: Local, name: string): Promise<string> {
  const known = local.functions().find(({ functionName, logicalId }) => [functionName, logicalId].includes(name));
  const logGroupName = known === undefined ? name : `/aws/lambda/${known.functionName}`;
  const response = await fetch(local.url, {
    method: 'POST',
    headers: { 'X-Amz-Target': 'Logs_20140328.FilterLogEvents', 'Content-Type': 'application/x-amz-json-1.1' },
    body: JSON.stringify({ logGroupName }),
  });
  const { events = [] } = (await response.json()) as { readonly events?: readonly { readonly message: string }[] };
  return events.map(({ message }) => (message.endsWith('\n') ? message : `${message}\n`)).join('');
}

/** Asks again, as fast as answers come, until one holds `text`. The test's own time limit ends it. */
export async function until(ask: () => Promise<string>, text: string | RegExp): Promise<string> {
  while (true) {
    const answer = await ask();
    if (typeof text === 'string' ? answer.includes(text) : text.test(answer)) return answer;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
