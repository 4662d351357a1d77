import { mkdir, mkdtemp, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FunctionCode, type FunctionConfiguration, UsageError } from '@spillway/wire';
import { CodeWatch } from './code-watch.ts';
import { unzip } from './unzip.ts';

export interface FunctionCodeOptions {
  readonly configuration: FunctionConfiguration;
  /** Zips and inline code are unpacked below. */
  readonly directory: string;
  readonly ignoredPaths: readonly string[];
  /** The code is another one: from now on `taskRoot` holds it. */
  readonly onChange: () => void;
}

/** A function's code as a directory. */
export interface DeployedCode {
  /** Where the code of the next environment is. */
  readonly taskRoot: string;
  /** Takes what was written before this call. @throws UsageError when a new zip can't be read. */
  refresh(): Promise<void>;
  /** Removes what was unpacked. */
  close(): Promise<void>;
}

type Deploy<Kind> = (
  code: Extract<FunctionCode, { kind: Kind }>,
  options: FunctionCodeOptions,
) => Promise<DeployedCode>;

const deployments: { readonly [Kind in FunctionCode['kind']]: Deploy<Kind> } = {
  directory: deployDirectory,
  zip: deployZip,
  inline: deployInline,
};

/** @throws UsageError when there is no code where the template says, or its zip can't be read. */
export function deployCode(options: FunctionCodeOptions): Promise<DeployedCode> {
  const { code } = options.configuration;
  const deploy = deployments[code.kind] as Deploy<FunctionCode['kind']>;
  return deploy(code, options);
}

async function deployDirectory(
  { path }: { readonly path: string },
  { configuration, ignoredPaths, onChange }: FunctionCodeOptions,
): Promise<DeployedCode> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) throw missing(configuration, path, 'directory');
  const watch = await CodeWatch.open({ path, ignoredPaths, onChange });
  return { taskRoot: await realpath(path), refresh: () => watch.refresh(), close: async () => watch.close() };
}

async function deployZip(
  { path, isImmutable }: { readonly path: string; readonly isImmutable?: true },
  { configuration, directory, ignoredPaths, onChange }: FunctionCodeOptions,
): Promise<DeployedCode> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw missing(configuration, path, 'zip file');
  const unpack = async () => {
    const target = await newDirectory(directory, configuration);
    await unzip(path, target);
    return target;
  };
  let taskRoot = await unpack();
  if (isImmutable) return { taskRoot, refresh: () => Promise.resolve(), close: () => removed(taskRoot) };
  const watch = await CodeWatch.open({
    path,
    ignoredPaths,
    onChange: async () => {
      taskRoot = await unpack();
      onChange();
    },
  });
  return {
    get taskRoot() {
      return taskRoot;
    },
    refresh: () => watch.refresh(),
    close: async () => {
      watch.close();
      await removed(taskRoot);
    },
  };
}

async function deployInline(
  { source }: { readonly source: string },
  { configuration, directory }: FunctionCodeOptions,
): Promise<DeployedCode> {
  const taskRoot = await newDirectory(directory, configuration);
  const name = configuration.runtime.startsWith('python') ? 'index.py' : 'index.js';
  await writeFile(join(taskRoot, name), source);
  return { taskRoot, refresh: () => Promise.resolve(), close: () => removed(taskRoot) };
}

async function newDirectory(directory: string, { functionName }: FunctionConfiguration): Promise<string> {
  const parent = join(directory, 'code');
  await mkdir(parent, { recursive: true });
  return realpath(await mkdtemp(join(parent, `${functionName}-`)));
}

const removed = (taskRoot: string) => rm(taskRoot, { recursive: true, force: true });

const missing = ({ functionName }: FunctionConfiguration, path: string, kind: string) =>
  new UsageError(
    `Function ${functionName}: its code, the ${kind} ${path}, does not exist. Build it, or correct CodeUri.`,
  );
