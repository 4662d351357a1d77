// The handler string and the module behind it. Same as AWS's client 3.3.0 (checked against it): how the string is split, which files
// are tried in which order, and what each failure is called. On purpose: a path with `%` or `#` in it can be imported too.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type StreamifyOptions, streamingOptions } from './awslambda.ts';
import { runtimeError } from './runtime-error.ts';

/** A function's handler, and how it is to be called. */
export interface Handler {
  readonly function: (...parameters: never[]) => unknown;
  /** Undefined: it is called for a buffered response. */
  readonly streaming: StreamifyOptions | undefined;
}

const require = createRequire(import.meta.url);

/**
 * Loads `dir/module.export.nested`, from `taskRoot`.
 * @throws Runtime.MalformedHandlerName, .ImportModuleError, .UserCodeSyntaxError, .HandlerNotFound, .MalformedStreamingHandler, and
 * whatever the module throws.
 */
export async function loadHandler(taskRoot: string, handlerString: string): Promise<Handler> {
  const { directory, moduleName, path } = splitHandlerString(handlerString);
  const exports = await loadModule(taskRoot, directory, moduleName);
  const found = path
    .split('.')
    .reduce<unknown>((nested, key) => nested && (nested as Record<string, unknown>)[key], exports);
  if (!found) throw runtimeError('HandlerNotFound', `${handlerString} is undefined or not exported`);
  if (!isFunction(found)) throw runtimeError('HandlerNotFound', `${handlerString} is not a function`);
  return { function: found, streaming: streamingOptions(found) };
}

const isFunction = (found: unknown): found is Handler['function'] => typeof found === 'function';

function splitHandlerString(handlerString: string) {
  if (handlerString.includes('..')) {
    const advice = 'Use absolute paths when specifying root directories in handler names.';
    throw runtimeError('MalformedHandlerName', `'${handlerString}' is not a valid handler name. ${advice}`);
  }
  const name = basename(handlerString);
  const dot = name.indexOf('.');
  if (dot < 0) throw runtimeError('MalformedHandlerName', 'Bad handler');
  return {
    directory: handlerString.slice(0, handlerString.indexOf(name)),
    moduleName: name.slice(0, dot),
    path: name.slice(dot + 1),
  };
}

async function loadModule(taskRoot: string, directory: string, moduleName: string): Promise<unknown> {
  try {
    return (
      (await firstFile(resolve(taskRoot, directory, moduleName))) || requireAsNode(moduleName, [taskRoot, directory])
    );
  } catch (error) {
    if (error instanceof SyntaxError) throw runtimeError('UserCodeSyntaxError', error);
    if ((error as NodeJS.ErrnoException | null)?.code === 'MODULE_NOT_FOUND')
      throw runtimeError('ImportModuleError', error);
    throw error;
  }
}

/** Tries Lambda's names in Lambda's order. */
async function firstFile(path: string): Promise<unknown> {
  const isModule = existsSync(`${path}.js`) && isTypeModule(dirname(path));
  return (
    requireFile(path) ||
    (isModule ? await importFile(`${path}.js`) : requireFile(`${path}.js`)) ||
    (await importFile(`${path}.mjs`)) ||
    requireFile(`${path}.cjs`)
  );
}

const requireFile = (path: string): unknown => (existsSync(path) ? require(path) : undefined);

const importFile = async (path: string): Promise<unknown> =>
  existsSync(path) ? await import(pathToFileURL(path).href) : undefined;

const requireAsNode = (moduleName: string, paths: string[]): unknown => require(require.resolve(moduleName, { paths }));

/** What the nearest package.json says of `.js` files. One that can't be read says no. */
function isTypeModule(folder: string): boolean {
  if (folder.endsWith('/node_modules')) return false;
  const manifest = join(folder, 'package.json');
  if (existsSync(manifest)) return readType(manifest) === 'module';
  return folder !== dirname(folder) && isTypeModule(dirname(folder));
}

function readType(manifest: string): unknown {
  try {
    return (JSON.parse(readFileSync(manifest, 'utf8')) as { type?: unknown } | null)?.type;
  } catch (error) {
    console.warn(`${manifest} cannot be read, it will be ignored for ES module detection purposes.`, error);
    return undefined;
  }
}
