import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export type Language = 'nodejs' | 'python';

/** An interpreter that runs. */
export interface Interpreter {
  readonly language: Language;
  /** The program itself, behind whatever chooses between versions. */
  readonly path: string;
  readonly major: number;
  readonly minor: number;
  /** As Lambda calls it: `x86_64`, `arm64`. */
  readonly architecture: string;
  /** Endings of the compiled modules that it loads: `.cpython-312-x86_64-linux-gnu.so`. Python only. */
  readonly extensionSuffixes: readonly string[];
}

/** A version manager that has to look around may be slow; one that asks something would wait for ever. */
const PROBE_TIMEOUT_MS = 10_000;

const QUESTIONS: Record<Language, readonly string[]> = {
  nodejs: ['-p', 'JSON.stringify([process.execPath, ...process.versions.node.split("."), process.arch])'],
  python: [
    '-I',
    '-c',
    'import sys, os, json, _imp; v = sys.version_info; ' +
      'print(json.dumps([sys.executable, v[0], v[1], 0, os.uname()[4], *_imp.extension_suffixes()]))',
  ],
};

const known = new Map<string, Promise<Interpreter | undefined>>();

/** Undefined for what does not run, or does not say what it is. Asked once. */
export function probeInterpreter(language: Language, path: string): Promise<Interpreter | undefined> {
  const key = `${language} ${path}`;
  const probe = known.get(key) ?? ask(language, path).catch(() => undefined);
  known.set(key, probe);
  return probe;
}

const run = promisify(execFile);

async function ask(language: Language, path: string): Promise<Interpreter | undefined> {
  if (language === 'nodejs' && path === process.execPath) return ownInterpreter();
  // What is meant for this process must not decide what another one answers.
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { stdout } = await run(path, [...QUESTIONS[language]], { timeout: PROBE_TIMEOUT_MS, cwd: '/', env });
  const [executable, major, minor, , machine, ...extensionSuffixes] = JSON.parse(stdout) as string[];
  if (executable === undefined || machine === undefined) return undefined;
  const architecture = architectureOf(machine);
  return { language, path: executable, major: Number(major), minor: Number(minor), architecture, extensionSuffixes };
}

/** What runs this very process. */
function ownInterpreter(): Interpreter {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const architecture = architectureOf(process.arch);
  return {
    language: 'nodejs',
    path: process.execPath,
    major: major ?? 0,
    minor: minor ?? 0,
    architecture,
    extensionSuffixes: [],
  };
}

/** The same machine has several names. */
export const architectureOf = (machine: string): string =>
  ({ x64: 'x86_64', amd64: 'x86_64', aarch64: 'arm64' })[machine] ?? machine;

/** `Python 3.12`, `Node.js 22`. */
export const nameOf = ({ language, major, minor }: Pick<Interpreter, 'language' | 'major' | 'minor'>): string =>
  language === 'python' ? `Python ${major}.${minor}` : `Node.js ${major}`;
