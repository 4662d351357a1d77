import { existsSync, readFileSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import type { FunctionConfiguration } from '@spillway/wire';
import type { DeployedScans } from './function-deployment.ts';
import { misfitNote, misfits } from './interpreters/compiled-modules.ts';
import { architectureOf, type Interpreter } from './interpreters/interpreter.ts';
import { EXEC_WRAPPER, isProvided } from './runtime-command.ts';
import { isCovered } from './sandbox/mount-namespace.ts';

export interface NotesContext {
  readonly configuration: FunctionConfiguration;
  readonly taskRoot: string;
  readonly optDirectory: string;
  readonly scans: DeployedScans;
  readonly isSandbox: boolean;
  readonly isInspected: boolean;
  readonly interpreter: Interpreter | undefined;
  readonly interpreterWarning: string | undefined;
}

/** What a function's author should know before it goes wrong: for the terminal and for the function's log. */
export async function deploymentWarnings(context: NotesContext): Promise<readonly string[]> {
  return [
    ...(context.interpreterWarning === undefined ? [] : [context.interpreterWarning]),
    ...(await misfitNotes(context)),
    ...architectureNotes(context),
    ...linkNotes(context),
    ...pathNotes(context),
    ...scriptNotes(context),
  ];
}

/** For the log alone: who reads templates has said it in the terminal. */
export async function deploymentNotes(context: NotesContext): Promise<readonly string[]> {
  return [...layerNotes(context), ...(await missingHandlerNotes(context))];
}

async function misfitNotes(context: NotesContext): Promise<readonly string[]> {
  const { configuration, taskRoot, optDirectory, scans, interpreter } = context;
  if (interpreter?.language !== 'python') return [];
  const trees = [
    [taskRoot, scans.code],
    [optDirectory, scans.layers],
  ] as const;
  const notes = trees.map(([root, { compiledModules }]) =>
    misfitNote(root, misfits(compiledModules, interpreter), interpreter, configuration),
  );
  return (await Promise.all(notes)).filter((note) => note !== undefined);
}

/** Only what is compiled knows the difference. */
function architectureNotes({ configuration, scans }: NotesContext): readonly string[] {
  const { architecture, runtime } = configuration;
  const host = architectureOf(process.arch);
  const isCompiled = isProvided(runtime) || scans.code.compiledModules.length + scans.layers.compiledModules.length > 0;
  if (architecture === host || !isCompiled) return [];
  return [
    `Lambda runs it on ${architecture}, this machine is ${host}: what is compiled for ${architecture} can't be loaded here, and what is ` +
      `compiled for ${host} can't be loaded there.`,
  ];
}

function layerNotes({ configuration: { architecture, layers } }: NotesContext): readonly string[] {
  const name = `LambdaAdapterLayer${architecture === 'x86_64' ? 'X86' : 'Arm64'}`;
  return layers.flatMap((layer) => {
    if (layer.kind === 'web-adapter') {
      if (layer.architecture === architecture) return [];
      return [
        `The layer ${layer.arn} is for ${layer.architecture} and the function is ${architecture}: on Lambda it fails with ` +
          `Extension.LaunchError (exec format error). Name the layer ${name}.`,
      ];
    }
    const { compatibleArchitectures } = layer;
    if (!compatibleArchitectures || compatibleArchitectures.includes(architecture)) return [];
    return [
      `The layer ${layer.name} is for ${compatibleArchitectures.join(', ')} and the function is ${architecture}.`,
    ];
  });
}

function linkNotes({ scans, taskRoot, isInspected }: NotesContext): readonly string[] {
  const [first, ...others] = scans.code.outwardLinks;
  if (first === undefined || isInspected) return [];
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return [
    `${relative(taskRoot, first)}${more} is a link that leads out of the function's code, so it runs in ${taskRoot} rather than in ` +
      '/var/task. A zip for Lambda must hold what the link leads to.',
  ];
}

/** Absolute paths that are AWS's, where there is no such place. */
function pathNotes({ configuration: { environment }, isSandbox, isInspected }: NotesContext): readonly string[] {
  if (isSandbox || isInspected) return [];
  const names = Object.keys(environment).filter(
    (name) => name !== EXEC_WRAPPER && (environment[name] ?? '').split(/[:,;=\s]/).some(isCovered),
  );
  if (names.length === 0) return [];
  return [
    `${names.join(', ')} ${names.length === 1 ? 'names a path' : 'name paths'} below /var/task, /opt or /tmp, which the function has ` +
      'on Lambda but not here. It finds the real directories in LAMBDA_TASK_ROOT, PATH and TMPDIR.',
  ];
}

/** Under the web adapter's wrapper the handler is a program of the function. */
const isWrapped = ({ configuration, optDirectory }: NotesContext) =>
  configuration.environment[EXEC_WRAPPER] === '/opt/bootstrap' &&
  existsSync(join(optDirectory, 'extensions/lambda-adapter'));

function scriptNotes(context: NotesContext): readonly string[] {
  const { handler } = context.configuration;
  const path = join(context.taskRoot, handler);
  if (!isWrapped(context) || !existsSync(path)) return [];
  if ((statSync(path).mode & 0o111) === 0) {
    return [
      `${handler} has no execute bit, so the web adapter can't start it. Run "chmod +x ${handler}", and zip it on Linux or macOS.`,
    ];
  }
  const text = readFileSync(path, 'latin1');
  if (!text.startsWith('#!') || !text.includes('\r\n')) return [];
  return [
    `${handler} has the line ends of Windows (CRLF): its first line names a program with a carriage return in its name, which does not ` +
      'exist. Save it with LF, and say so in .gitattributes: "*.sh text eol=lf".',
  ];
}

async function missingHandlerNotes(context: NotesContext): Promise<readonly string[]> {
  const { configuration, taskRoot } = context;
  if (!isWrapped(context) || existsSync(join(taskRoot, configuration.handler))) return [];
  return [await missingHandler(taskRoot, configuration.handler)];
}

async function missingHandler(taskRoot: string, handler: string): Promise<string> {
  const what = `The web adapter starts the file that Handler names, and the function's code has no ${handler}.`;
  const names = await readdir(taskRoot, { withFileTypes: true });
  const folder = names.find((entry) => entry.isDirectory() && existsSync(join(taskRoot, entry.name, handler)))?.name;
  if (folder !== undefined)
    return `${what} It is in the folder ${folder}: zip what is in that folder, not the folder itself.`;
  const start = existsSync(join(taskRoot, 'run.sh')) ? 'run.sh' : 'a script, run.sh,';
  if (/^[\w/-]+\.\w+$/.test(handler) && !basename(handler).endsWith('.sh')) {
    return `${what} A handler of the form module.function is for functions without the adapter: set Handler to ${start} that starts the web server.`;
  }
  return `${what} Add it, with its execute bit set.`;
}
