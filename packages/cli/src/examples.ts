import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUNDLE_PATH } from '@spillway/handler/bundle';
import { findInterpreter } from '@spillway/local';

/** A stack of `examples/` that the demo serves. */
interface Example {
  readonly name: string;
  readonly template: string;
}

/** One that it can't serve, and the command that changes this. */
interface MissingExample {
  readonly name: string;
  readonly needs: string;
  readonly command: string;
}

export interface Examples {
  readonly served: readonly Example[];
  readonly missing: readonly MissingExample[];
}

/** What can be served is known at once; the commands take a look at what is installed. */
export interface FoundExamples {
  readonly served: readonly Example[];
  readonly missing: Promise<readonly MissingExample[]>;
}

const EXAMPLES = fileURLToPath(new URL('../../../examples/', import.meta.url));

interface Need {
  readonly needs: string;
  readonly command: string | Promise<string>;
}

/** In the order of the screen. Each says what it still needs. */
const CATALOGUE: readonly { readonly name: string; readonly need: () => Need | undefined }[] = [
  { name: 'node-download', need: handlerBundle },
  { name: 'python-stdlib', need: python },
  { name: 'python-fastapi', need: () => python() ?? fastApi() },
  { name: 'hono-lwa', need: hono },
];

/** What can be served on this machine as it is. */
export function findExamples(): FoundExamples {
  const needs = CATALOGUE.map(({ name, need }) => ({ name, need: need() }));
  const served = needs.filter(({ need }) => need === undefined);
  const missing = needs.flatMap(({ name, need }) => (need === undefined ? [] : { name, ...need }));
  return {
    served: served.map(({ name }) => ({ name, template: join(EXAMPLES, name, 'template.yaml') })),
    missing: Promise.all(missing.map(async (each) => ({ ...each, command: await each.command }))),
  };
}

/** The function behind `/download`. */
function handlerBundle(): Need | undefined {
  return existsSync(BUNDLE_PATH) ? undefined : { needs: 'to be built', command: 'npm run build' };
}

function python(): Need | undefined {
  if (isOnPath('python3')) return undefined;
  const install: Partial<Record<NodeJS.Platform, string>> = { darwin: 'brew install python@3.12' };
  return { needs: 'python3', command: install[process.platform] ?? 'sudo apt-get install python3' };
}

function fastApi(): Need | undefined {
  if (existsSync(join(EXAMPLES, 'python-fastapi/src/vendor'))) return undefined;
  const directory = 'examples/python-fastapi/src';
  return {
    needs: 'its dependencies',
    command: pythonProgram().then(
      (program) => `${program} -m pip install --target ${directory}/vendor -r ${directory}/requirements.txt`,
    ),
  };
}

/** The one that will run the example: what pip compiles, or takes compiled, is for one version. */
async function pythonProgram(): Promise<string> {
  const request = { runtime: 'python3.12', settings: new Map<string, string>(), fits: () => true };
  const found = await findInterpreter(request).catch(() => undefined);
  return found?.interpreter.path ?? 'python3';
}

function hono(): Need | undefined {
  if (existsSync(join(EXAMPLES, 'hono-lwa/dist/server.mjs'))) return undefined;
  return { needs: 'to be built', command: 'npm --prefix examples/hono-lwa run setup' };
}

/** Not run: that would take longer than all the rest of a start. Lambda runs it, and says so when it does not work. */
function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((directory) => isExecutable(join(directory, program)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
