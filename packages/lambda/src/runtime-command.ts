import { join } from 'node:path';
import { type FunctionConfiguration, UsageError } from '@spillway/wire';
import { versionOf } from './interpreters/find-interpreter.ts';
import type { Interpreter } from './interpreters/interpreter.ts';
import type { Place } from './sandbox/place.ts';

export interface RuntimeCommand {
  readonly command: string;
  readonly arguments: readonly string[];
}

export interface RuntimeCommandOptions {
  readonly configuration: FunctionConfiguration;
  readonly place: Place;
  readonly bootstrapPath: string;
  readonly pythonBootstrapPath?: string;
  readonly interpreter: Interpreter | undefined;
  /** Of the debugger, 0 for any. */
  readonly inspectPort?: number;
}

/** Set by users to have a managed runtime started by a program of theirs. */
export const EXEC_WRAPPER = 'AWS_LAMBDA_EXEC_WRAPPER';

const OTHER_MANAGED = /^(java\d|ruby\d|dotnet|go1|nodejs|python)/;

/** A runtime that is only a system: the function brings its `bootstrap`. */
export const isProvided = (runtime: string): boolean => /^provided(\.al2|\.al2023)?$/.test(runtime);

/** @throws UsageError for a runtime that can't be started here. */
export function checkRuntime(
  { functionName, runtime, environment }: FunctionConfiguration,
  pythonBootstrapPath: string | undefined,
): void {
  const hasWrapper = environment[EXEC_WRAPPER] !== undefined;
  const version = versionOf(runtime);
  if (isProvided(runtime) || version?.language === 'nodejs') return;
  if (version && (hasWrapper || pythonBootstrapPath !== undefined)) return;
  if (hasWrapper && OTHER_MANAGED.test(runtime)) return;
  throw new UsageError(
    `Function ${functionName}: runtime ${runtime} is not supported. Supported are nodejs*.x, python3.*, provided.al2 and provided.al2023 ` +
      `with a bootstrap, and any other with ${EXEC_WRAPPER}: a web server behind the Lambda Web Adapter, say.`,
  );
}

/** What the environment's first process is. */
export function runtimeCommand(options: RuntimeCommandOptions): RuntimeCommand {
  const { configuration, place } = options;
  if (isProvided(configuration.runtime)) return providedCommand(place);
  const command = managedCommand(options);
  const wrapper = configuration.environment[EXEC_WRAPPER];
  return wrapper === undefined ? command : wrapped(atPlace(wrapper, place), command);
}

/** `path` as the user wrote it: where /opt is not, the layers' own directory stands for it. */
export const atPlace = (path: string, { optDirectory }: Place): string =>
  path.startsWith('/opt/') ? join(optDirectory, path.slice('/opt/'.length)) : path;

/** The function's own before its layers'. */
const providedCommand = ({ taskRoot, optDirectory }: Place): RuntimeCommand => ({
  command: '/bin/sh',
  arguments: ['-c', PROVIDED_SCRIPT, 'sh', join(taskRoot, 'bootstrap'), join(optDirectory, 'bootstrap')],
});

const PROVIDED_SCRIPT = `
for bootstrap; do
  [ -f "$bootstrap" ] && exec "$bootstrap"
done
echo "Couldn't find valid bootstrap(s): [$*]"
exit 127
`;

// As the start scripts of Lambda's managed runtimes do.
const WRAPPER_SCRIPT = `
[ -f "$1" ] || { echo "$1: does not exist"; exit 127; }
[ -x "$1" ] || { echo "$1: is not an executable"; exit 126; }
exec "$@"
`;

const wrapped = (wrapper: string, { command, arguments: parameters }: RuntimeCommand): RuntimeCommand => ({
  command: '/bin/sh',
  arguments: ['-c', WRAPPER_SCRIPT, 'sh', wrapper, command, ...parameters],
});

function managedCommand(options: RuntimeCommandOptions): RuntimeCommand {
  const { configuration, place, interpreter, bootstrapPath, pythonBootstrapPath } = options;
  const bin = join(place.langDirectory, 'bin');
  if (interpreter?.language === 'python') {
    const { major, minor } = interpreter;
    return {
      command: join(bin, `python${major}.${minor}`),
      arguments: [pythonBootstrapPath ?? 'bootstrap.py', place.optDirectory],
    };
  }
  if (interpreter) {
    return { command: join(bin, 'node'), arguments: [...nodeFlags(configuration, options.inspectPort), bootstrapPath] };
  }
  // Whatever the wrapper makes of it.
  return { command: '/var/runtime/bootstrap', arguments: [] };
}

/** AWS's heap flags: 5 % of the memory for young objects, 90 % for old ones. */
function nodeFlags({ memorySizeMb }: FunctionConfiguration, inspectPort: number | undefined): readonly string[] {
  return [
    '--expose-gc',
    '--max-http-header-size=81920',
    `--max-semi-space-size=${Math.floor(memorySizeMb * 0.05)}`,
    `--max-old-space-size=${Math.floor(memorySizeMb * 0.9)}`,
    ...(inspectPort === undefined ? [] : [`--inspect=127.0.0.1:${inspectPort}`]),
  ];
}
