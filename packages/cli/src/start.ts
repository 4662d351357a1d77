import { once } from 'node:events';
import { type LocalOptions, startLocal } from '@spillway/local';
import { type Limits, UsageError } from '@spillway/wire';
import { seedDemo } from './demo.ts';
import { findExamples } from './examples.ts';
import { awsHostsOption, failedStreamOption, interpreterOption, webAdapterLayerOption } from './lambda-options.ts';
import { limitsOption, type Options, parse, portOption, regionOption } from './options.ts';
import { readyScreen } from './ready-screen.ts';

const OPTIONS = {
  template: { type: 'string', multiple: true },
  port: { type: 'string', default: '4566' },
  region: { type: 'string', default: 'us-east-1' },
  limits: { type: 'string', default: 'aws' },
  limit: { type: 'string', multiple: true, default: [] },
  state: { type: 'string' },
  credentials: { type: 'string', multiple: true, default: [] },
  'verify-signatures': { type: 'boolean', default: false },
  inspect: { type: 'string', multiple: true, default: [] },
  interpreter: { type: 'string', multiple: true, default: [] },
  'lwa-layer': { type: 'string' },
  'lwa-failed-stream': { type: 'string', default: 'as-lwa' },
  'aws-credentials': { type: 'string', default: 'own' },
  'aws-hosts': { type: 'string', default: 'local' },
  'ignore-unsupported': { type: 'boolean', default: false },
} as const satisfies Options;

/** `spillway start`: serves until SIGINT, SIGTERM or SIGHUP, then ends with exit code 0. */
export async function start(args: readonly string[]): Promise<void> {
  const stop = stopSignal();
  const { template, ...options } = startOptions(args);
  const demo = template === undefined ? findExamples() : undefined;
  const templates = template ?? demo?.served.map((example) => example.template) ?? [];
  const local = await startLocal({ ...options, templates, report: printLine });
  try {
    if (demo !== undefined) await seedDemo(local);
    if (!stop.aborted) {
      // In one write, so that who waits for the last line has the whole screen.
      const examples = demo && { served: demo.served, missing: await demo.missing };
      process.stdout.write(readyScreen(local, { limits: options.limits, ...(examples && { demo: examples }) }));
      await once(stop, 'abort');
    }
  } finally {
    await local.close();
  }
  process.exit(0);
}

interface StartOptions extends Omit<LocalOptions, 'templates' | 'report'> {
  readonly template: readonly string[] | undefined;
  readonly limits: Limits;
}

function startOptions(args: readonly string[]): StartOptions {
  const { values, positionals } = parse('start', args, OPTIONS);
  if (positionals.length > 0) {
    throw new UsageError(
      `start takes no argument ${JSON.stringify(positionals[0])}. A template goes behind --template.`,
    );
  }
  const twice = values.template?.find((file, index, all) => all.indexOf(file) !== index);
  if (twice !== undefined) throw new UsageError(`--template ${twice} is given twice. A template is one stack.`);
  return {
    template: values.template,
    port: portOption(values.port),
    region: regionOption(values.region),
    limits: limitsOption(values.limits, values.limit),
    credentials: values.credentials.map(credentialsOption),
    verifySignatures: values['verify-signatures'],
    inspect: new Map(values.inspect.map(inspectOption)),
    interpreters: new Map(values.interpreter.map(interpreterOption)),
    ignoreUnsupported: values['ignore-unsupported'],
    ...failedStreamOption(values['lwa-failed-stream']),
    ...awsHostsOption(values['aws-hosts']),
    ...webAdapterLayerOption(values['lwa-layer']),
    ...(values.state === undefined ? {} : { stateDirectory: values.state }),
    ...hostCredentialsOption(values['aws-credentials']),
  };
}

function credentialsOption(text: string): { accessKeyId: string; secretAccessKey: string } {
  const [, accessKeyId, secretAccessKey] = /^([^:\s]+):(\S+)$/.exec(text) ?? [];
  if (accessKeyId !== undefined && secretAccessKey !== undefined) return { accessKeyId, secretAccessKey };
  throw new UsageError('--credentials takes KEY:SECRET, an access key ID and its secret, with a colon between.');
}

const DEFAULT_INSPECT_PORT = 9229;

function inspectOption(text: string): [string, number] {
  const [, name = '', port] = /^([^=]+)(?:=(.*))?$/.exec(text) ?? [];
  if (name === '') throw new UsageError('--inspect takes FUNCTION or FUNCTION=PORT.');
  return [name, port === undefined ? DEFAULT_INSPECT_PORT : portOption(port, '--inspect FUNCTION=PORT')];
}

const HOST_CREDENTIALS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'] as const;

function hostCredentialsOption(whose: string): Pick<LocalOptions, 'hostCredentials'> {
  if (whose === 'own') return {};
  if (whose !== 'host') throw new UsageError(`--aws-credentials takes own or host, not ${JSON.stringify(whose)}.`);
  const found = HOST_CREDENTIALS.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const hostCredentials = Object.fromEntries(found);
  const missing = HOST_CREDENTIALS.slice(0, 2).find((name) => !hostCredentials[name]);
  if (missing !== undefined) {
    throw new UsageError(
      `--aws-credentials host: ${missing} is not set in this shell. Set it (eval "$(aws configure export-credentials --format env)"), or leave the option out.`,
    );
  }
  return { hostCredentials };
}

/** Aborted at the first signal. Later ones change nothing: npm passes Ctrl-C on, so that it arrives twice. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => controller.abort());
  return controller.signal;
}

function printLine(line: string): void {
  process.stderr.write(`${line}\n`);
}
