import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Architecture } from '@spillway/wire';
import { elfArchitecture } from '../code-scan.ts';
import { type Interpreter, nameOf } from './interpreter.ts';

// Compiled Python modules say in their names what loads them (`_x.cpython-312-x86_64-linux-gnu.so`): an interpreter of another
// version does not even see them, and says that there is no module of that name.
// https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/

const TAGGED = /^([^.]+)\.((?:cpython-|pypy|abi3)[^.]*)\.so$/;

/** A compiled module that the interpreter can't load. */
export interface Misfit {
  readonly path: string;
  /** What it is made for: `cpython-312-x86_64-linux-gnu`. */
  readonly tag: string;
}

/** Modules of which no variant fits. */
export function misfits(paths: readonly string[], interpreter: Interpreter): readonly Misfit[] {
  const variants = new Map<string, Misfit[]>();
  for (const path of paths) {
    const [, name, tag] = TAGGED.exec(path.slice(path.lastIndexOf(sep) + 1)) ?? [];
    if (name === undefined || tag === undefined) continue;
    const module = join(dirname(path), name);
    variants.set(module, [...(variants.get(module) ?? []), { path, tag }]);
  }
  return [...variants.values()].flatMap((each) => {
    const [first] = each;
    return first === undefined || each.some((variant) => loads(interpreter, variant)) ? [] : [first];
  });
}

const loads = ({ extensionSuffixes, architecture }: Interpreter, { path, tag }: Misfit) =>
  extensionSuffixes.includes(`.${tag}.so`) && (elfArchitecture(path) ?? architecture) === architecture;

/** What to say of them, and what to do. `runtime`: `python3.12`. */
export async function misfitNote(
  root: string,
  [first, ...others]: readonly Misfit[],
  interpreter: Interpreter,
  { runtime, architecture }: { readonly runtime: string; readonly architecture: Architecture },
): Promise<string | undefined> {
  if (!first) return undefined;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  const name = relative(root, first.path);
  const requirement = (await distributionOf(root, first.path)) ?? name.split(sep)[0] ?? name;
  const platform = architecture === 'x86_64' ? 'manylinux2014_x86_64' : 'manylinux2014_aarch64';
  const version = /^python(3\.\d+)$/.exec(runtime)?.[1] ?? `${interpreter.major}.${interpreter.minor}`;
  return (
    `${name}${more} is compiled for ${first.tag}; ${nameOf(interpreter)} on ${interpreter.architecture} (${interpreter.path}) can't load it. ` +
    `For ${runtime} on ${architecture}, as on Lambda: pip install --platform ${platform} --only-binary=:all: --python-version ${version} ` +
    `--implementation cp --upgrade --target ${root} ${requirement}`
  );
}

/** The installed distribution that a file belongs to, as pip takes it: `pydantic_core==2.33.2`. */
async function distributionOf(root: string, path: string): Promise<string | undefined> {
  for (let directory = dirname(path); directory.startsWith(root); directory = dirname(directory)) {
    const names = await readdir(directory);
    const found = names.find(
      (name) => name.endsWith('.dist-info') && records(join(directory, name), relative(directory, path)),
    );
    if (found !== undefined) return found.replace(/\.dist-info$/, '').replace(/-([^-]*)$/, '==$1');
  }
  return undefined;
}

function records(distInfo: string, name: string): boolean {
  const record = join(distInfo, 'RECORD');
  return (
    existsSync(record) &&
    readFileSync(record, 'utf8')
      .split('\n')
      .some((line) => line.startsWith(`${name},`))
  );
}
