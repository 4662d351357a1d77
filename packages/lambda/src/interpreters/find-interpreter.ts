import { UsageError } from '@spillway/wire';
import { candidates } from './candidates.ts';
import { type Interpreter, type Language, nameOf, probeInterpreter } from './interpreter.ts';

export interface InterpreterRequest {
  /** `python3.12`, `nodejs22.x`. */
  readonly runtime: string;
  /** Runtime to the path of the interpreter that the user wants for it. */
  readonly settings: ReadonlyMap<string, string>;
  /** Whether it loads the compiled modules that come with the function. */
  readonly fits: (interpreter: Interpreter) => boolean;
}

export interface FoundInterpreter {
  readonly interpreter: Interpreter;
  /** When it is another version than the runtime names. */
  readonly warning?: string;
}

interface Version {
  readonly language: Language;
  readonly major: number;
  readonly minor: number;
}

/** Undefined for a runtime that is not one of Node.js or Python. */
export function versionOf(runtime: string): Version | undefined {
  const [, node, python] = /^(?:nodejs(\d+)\.x|python3\.(\d+))$/.exec(runtime) ?? [];
  if (node !== undefined) return { language: 'nodejs', major: Number(node), minor: 0 };
  return python === undefined ? undefined : { language: 'python', major: 3, minor: Number(python) };
}

/**
 * The interpreter to use for a runtime: the one of the settings; else one of the version that the runtime names; else one that loads
 * the function's compiled modules; else the nearest version.
 * @throws UsageError when there is none at all, or the one of the settings does not run.
 */
export async function findInterpreter(request: InterpreterRequest): Promise<FoundInterpreter | undefined> {
  const wanted = versionOf(request.runtime);
  if (!wanted) return undefined;
  const setting = request.settings.get(request.runtime);
  const interpreter =
    setting === undefined ? await search(wanted, request) : await fromSetting(wanted, setting, request);
  return isVersion(interpreter, wanted)
    ? { interpreter }
    : { interpreter, warning: warning(request.runtime, wanted, interpreter) };
}

async function fromSetting({ language }: Version, path: string, { runtime }: InterpreterRequest): Promise<Interpreter> {
  const interpreter = await probeInterpreter(language, path);
  if (interpreter) return interpreter;
  throw new UsageError(
    `The interpreter for ${runtime}, ${path}, does not run or is no ${language === 'python' ? 'Python 3' : 'Node.js'}. Correct its path.`,
  );
}

async function search(wanted: Version, { runtime, fits }: InterpreterRequest): Promise<Interpreter> {
  const { language, major, minor } = wanted;
  const { named, others, shims } = candidates(language, major, language === 'python' ? minor : undefined);
  // This process's own Node.js needs no search, and none is surer to run.
  const own = language === 'nodejs' ? [process.execPath] : [];
  let found: readonly Interpreter[] = [];
  for (const paths of [own, named, others]) {
    found = [...found, ...(await running(language, paths))];
    const exact = found.find((interpreter) => isVersion(interpreter, wanted));
    if (exact) return exact;
  }
  const nearest = nearestOf(found.length > 0 ? found : await running(language, shims), wanted, fits);
  if (nearest) return nearest;
  throw new UsageError(
    `There is no ${nameOf(wanted)} for the runtime ${runtime}, nor any near it. Install it (uv python install ${major}.${minor}), or say where it is.`,
  );
}

async function running(language: Language, paths: readonly string[]): Promise<readonly Interpreter[]> {
  const probed = await Promise.all(paths.map((path) => probeInterpreter(language, path)));
  return probed.filter((interpreter) => interpreter !== undefined);
}

const nearestOf = (found: readonly Interpreter[], wanted: Version, fits: InterpreterRequest['fits']) =>
  found
    .filter((each) => each.language === 'nodejs' || each.major === wanted.major)
    .toSorted((a, b) => Number(fits(b)) - Number(fits(a)) || distance(a, wanted) - distance(b, wanted))[0];

const isVersion = (interpreter: Interpreter, { language, major, minor }: Version) =>
  interpreter.major === major && (language === 'nodejs' || interpreter.minor === minor);

/** Of two as near, the newer. */
const distance = (interpreter: Interpreter, { language, major, minor }: Version) => {
  const difference = language === 'nodejs' ? interpreter.major - major : interpreter.minor - minor;
  return difference >= 0 ? difference : 0.5 - difference;
};

const warning = (runtime: string, wanted: Version, interpreter: Interpreter) =>
  `There is no ${nameOf(wanted)} here for the runtime ${runtime}: it runs on ${nameOf(interpreter)}, ${interpreter.path}. ` +
  `Install ${nameOf(wanted)} to run what Lambda runs.`;
