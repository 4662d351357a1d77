import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LIFTED_LIMITS } from '@spillway/wire';
import { type System, startSystem } from './system.ts';

const EXAMPLES = fileURLToPath(new URL('../../../examples', import.meta.url));

/** An example whose function is a web server. */
export interface WebExample {
  readonly name: string;
  readonly functionName: string;
  /** What the command line of its server holds. */
  readonly command: RegExp;
  /** The directory of its code in the workspace. */
  readonly codeDirectory: string;
  /** Place in the workspace to what is copied there. */
  readonly copies: Readonly<Record<string, string>>;
  /** What is missing on this machine; undefined when it can run. */
  readonly missing?: string;
}

const runs = (command: string) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;

const without = (isThere: boolean, missing: string) => (isThere ? {} : { missing });

const vendored = process.env['SPILLWAY_FASTAPI_DIR'] ?? join(EXAMPLES, 'python-fastapi/src/vendor');
const built = join(process.env['SPILLWAY_HONO_DIR'] ?? join(EXAMPLES, 'hono-lwa'), 'dist');

export const HAS_PYTHON: boolean = runs('python3');

/** The Python whose compiled modules scripts/install-examples.sh puts there; what a person vendored is for the template's own. */
export const VENDORED_FOR: string | undefined =
  process.env['SPILLWAY_FASTAPI_DIR'] && HAS_PYTHON ? python3Path() : undefined;

function python3Path(): string {
  return spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).stdout.trim();
}

export const WEB_EXAMPLES: readonly WebExample[] = [
  {
    name: 'python-stdlib',
    functionName: 'PythonDownloadFunction',
    command: /server\.py/,
    codeDirectory: 'src',
    copies: { src: join(EXAMPLES, 'python-stdlib/src') },
    ...without(HAS_PYTHON, 'python3'),
  },
  {
    name: 'python-fastapi',
    functionName: 'FastApiDownloadFunction',
    command: /uvicorn/,
    codeDirectory: 'src',
    copies: { src: join(EXAMPLES, 'python-fastapi/src'), 'src/vendor': vendored },
    ...without(HAS_PYTHON && existsSync(vendored), 'SPILLWAY_FASTAPI_DIR, made by scripts/install-examples.sh'),
  },
  {
    name: 'hono-lwa',
    functionName: 'HonoDownloadFunction',
    command: /server\.mjs/,
    codeDirectory: 'dist',
    copies: { dist: built },
    ...without(existsSync(built), 'SPILLWAY_HONO_DIR, made by scripts/install-examples.sh'),
  },
];

export interface ExampleOptions {
  /** Where it finds S3, in place of ours. */
  readonly s3?: string;
  /** Files that replace those of the example. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Starts a copy of an example, with limits lifted. */
export function startExample(example: WebExample, { s3, files = {} }: ExampleOptions = {}): Promise<System> {
  const template = readFileSync(join(EXAMPLES, example.name, 'template.yaml'), 'utf8');
  const endpoint = s3 === undefined ? '' : `\n          AWS_ENDPOINT_URL_S3: ${s3}`;
  const text = template.replace('          PORT: "8080"', (port) => `${port}${endpoint}`);
  const interpreters = new Map(VENDORED_FOR === undefined ? [] : [['python3.12', VENDORED_FOR] as const]);
  return startSystem(
    { 'template.yaml': text, ...files },
    { limits: LIFTED_LIMITS, copies: example.copies, interpreters },
  );
}
