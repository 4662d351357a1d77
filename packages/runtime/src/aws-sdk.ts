// The AWS SDK for JavaScript, which Lambda's runtimes hold, for functions that bring none. Same as on Lambda: `require` and `import` of
// `@aws-sdk/*` and `@smithy/*` find it without bundling, and what the function's own tree has comes first. On purpose: only these two
// scopes become visible, nothing else that is installed beside this package. Missing: all clients that this package does not depend on;
// the error names them and what to do. ES modules: a specifier put together at run time is not foreseen (Node.js before 22.15).
import { type Dirent, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import Module from 'node:module';
import { dirname, join } from 'node:path';

const SPECIFIER = /^@(?:aws-sdk|smithy)\/[a-z0-9][\w.-]*(?:\/(?!\.)[\w.-]+)*$/;
const CARRIED = ['@aws-sdk/client-s3', '@aws-sdk/lib-storage', '@aws-sdk/s3-request-presigner'];

/** Whether Lambda's runtime would have it. Names that climb out of the scope are not meant. */
export const isAwsSdk = (specifier: string): boolean => SPECIFIER.test(specifier);

/** Completes Node.js's message for a package of the SDK that is not here. */
export function explain(error: Error, specifier: string): Error {
  const name = specifier.split('/').slice(0, 2).join('/');
  const carried = `Spillway carries only ${CARRIED.join(', ')} and what they need`;
  error.message += `\n${name} comes with Lambda's runtime, but ${carried}. Run "npm install ${name}" beside the function.`;
  return error;
}

type ResolveFilename = (request: string, parent: unknown, isMain?: boolean, options?: { paths?: string[] }) => string;
type Resolve = (specifier: string, context: { parentURL?: string }) => { url: string };
interface Internals {
  _resolveFilename: ResolveFilename;
  /** Since 22.15: in this thread. */
  registerHooks?(hooks: { resolve(specifier: string, context: object, next: Resolve): { url: string } }): void;
}

/** Makes the SDK visible to a function at `taskRoot`. */
export function provideAwsSdk(taskRoot: string): void {
  const internals = Module as unknown as Internals;
  provideToCommonJs(internals);
  if (hasOwnAwsSdk(taskRoot)) return;
  if (internals.registerHooks) provideInThread(internals.registerHooks);
  // A second thread, tens of milliseconds of each cold start.
  else if (mayImportAwsSdk(taskRoot)) Module.register('./aws-sdk-hooks.js', import.meta.url);
}

function provideToCommonJs(internals: Internals): void {
  const resolveFilename = internals._resolveFilename;
  internals._resolveFilename = (request, ...rest) => {
    try {
      return resolveFilename.call(Module, request, ...rest);
    } catch (error) {
      if (!isAwsSdk(request)) throw error;
      return carried(request, error, () =>
        resolveFilename.call(Module, request, null, false, { paths: [import.meta.dirname] }),
      );
    }
  };
}

function provideInThread(registerHooks: NonNullable<Internals['registerHooks']>): void {
  const resolve = (specifier: string, context: object, next: Resolve) => {
    try {
      return next(specifier, context);
    } catch (error) {
      if (!isAwsSdk(specifier)) throw error;
      return carried(specifier, error, () => next(specifier, { ...context, parentURL: import.meta.url }));
    }
  };
  registerHooks({ resolve });
}

function carried<Found>(specifier: string, notFound: unknown, find: () => Found): Found {
  try {
    return find();
  } catch {
    throw notFound instanceof Error ? explain(notFound, specifier) : notFound;
  }
}

/** Whether Node.js comes upon packages of the SDK by itself, on its way up from the function's files. */
function hasOwnAwsSdk(folder: string): boolean {
  if (existsSync(join(folder, 'node_modules/@aws-sdk'))) return true;
  return folder !== dirname(folder) && hasOwnAwsSdk(dirname(folder));
}

const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*["'`]@(?:aws-sdk|smithy)\//;
const SCANNED_ENTRIES = 500;
const SCANNED_FILE_BYTES = 4_194_304;

/** Whether a file of the function has such an import. A tree too large to search may have one. */
function mayImportAwsSdk(taskRoot: string): boolean {
  let scanned = 0;
  for (const entry of entriesBelow(taskRoot)) {
    scanned += 1;
    if (scanned > SCANNED_ENTRIES || entry.isSymbolicLink() || hasImport(entry)) return true;
  }
  return false;
}

/** Breadth first: the function's own files come before what it has installed. */
function* entriesBelow(taskRoot: string): Generator<Dirent> {
  const folders = [taskRoot];
  for (const folder of folders) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) folders.push(join(folder, entry.name));
      yield entry;
    }
  }
}

function hasImport(entry: Dirent): boolean {
  if (!entry.isFile() || !/\.[cm]?js$/.test(entry.name)) return false;
  const path = join(entry.parentPath, entry.name);
  return statSync(path).size > SCANNED_FILE_BYTES || IMPORT.test(readFileSync(path, 'latin1'));
}
