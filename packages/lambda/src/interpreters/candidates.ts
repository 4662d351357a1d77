import { readdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { Language } from './interpreter.ts';

/** Where programs are, `*` for any one name. */
function directories(language: Language): readonly string[] {
  const {
    HOME: home = homeDirectory(),
    PATH = '',
    UV_PYTHON_INSTALL_DIR,
    PYENV_ROOT,
    XDG_DATA_HOME,
    NVM_DIR,
    FNM_DIR,
  } = process.env;
  const data = XDG_DATA_HOME ?? join(home, '.local/share');
  const managers: Record<Language, readonly string[]> = {
    python: [
      join(UV_PYTHON_INSTALL_DIR ?? join(data, 'uv/python'), '*/bin'),
      join(PYENV_ROOT ?? join(home, '.pyenv'), 'versions/*/bin'),
      join(home, '.asdf/installs/python/*/bin'),
      join(data, 'mise/installs/python/*/bin'),
    ],
    nodejs: [
      join(NVM_DIR ?? join(home, '.nvm'), 'versions/node/*/bin'),
      join(FNM_DIR ?? join(data, 'fnm'), 'node-versions/*/installation/bin'),
      join(home, '.volta/tools/image/node/*/bin'),
      join(home, '.asdf/installs/nodejs/*/bin'),
      join(data, 'mise/installs/node/*/bin'),
    ],
  };
  return [...PATH.split(delimiter), join(home, '.local/bin'), ...managers[language], '/usr/local/bin', '/usr/bin'];
}

/** A user whom the system does not know, in a container say, has none. */
function homeDirectory(): string {
  try {
    return homedir();
  } catch {
    return '/';
  }
}

const PROGRAMS: Record<Language, RegExp> = { nodejs: /^node$/, python: /^python(3(\.\d+)?)?$/ };

/** Programs that may be an interpreter. None of them was run. */
export interface Candidates {
  /** Their path names the version. */
  readonly named: readonly string[];
  readonly others: readonly string[];
  /** A version manager's: slow to ask, and what they would choose is among the others. */
  readonly shims: readonly string[];
}

/** Where a `major.minor` of a language may be; a program that has several names is there once. */
export function candidates(language: Language, major: number, minor?: number): Candidates {
  const found = directories(language)
    .filter((directory) => directory.startsWith('/'))
    .flatMap(expand)
    .flatMap((directory) => programs(directory, PROGRAMS[language]));
  const version = new RegExp(`(?<![\\d.])v?${major}${minor === undefined ? '' : `\\.${minor}`}(?!\\d)`);
  const paths = [...new Map(found.toReversed().map((path) => [programOf(path), path])).values()].toReversed();
  const programPaths = paths.filter((path) => !isShim(path));
  return {
    named: programPaths.filter((path) => version.test(path)),
    others: programPaths.filter((path) => !version.test(path)),
    shims: paths.filter(isShim),
  };
}

const isShim = (path: string) => dirname(path).endsWith('/shims');

function programOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function expand(pattern: string): readonly string[] {
  const [parent, rest] = pattern.split('/*/');
  return rest === undefined || parent === undefined ? [pattern] : names(parent).map((name) => join(parent, name, rest));
}

const programs = (directory: string, pattern: RegExp) =>
  names(directory)
    .filter((name) => pattern.test(name))
    // The most exact name first: `python3.12` before `python3`.
    .sort((a, b) => b.length - a.length)
    .map((name) => join(directory, name));

function names(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
