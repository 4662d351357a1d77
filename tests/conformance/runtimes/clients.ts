import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CaseName, FunctionProperties } from './stack.ts';

/** Something that takes events from our Runtime API, with the functions that it runs. */
export interface RuntimeClient {
  readonly name: string;
  properties(name: CaseName): FunctionProperties;
  /** Place in the package to what is copied there. */
  readonly copies: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  /** A layer in place of our web adapter's. */
  readonly webAdapterLayer?: string;
  /** Type and message that it gives the error that the handlers throw. */
  readonly error: string;
  /** What its handlers tell in their context beside what all do. */
  readonly moreContext?: Readonly<Record<string, unknown>>;
  /** Cases that it fails, and why. */
  readonly knownMisses: Partial<Readonly<Record<CaseName, string>>>;
  /** What is not there on this machine; undefined when the client can run. */
  readonly missing?: string;
}

/** The directory that scripts/install-conformance.sh was given. */
const INSTALLED_VARIABLE = 'SPILLWAY_CONFORMANCE_DIR';

const NODE_APP = fileURLToPath(new URL('./node/app.mjs', import.meta.url));
const PYTHON_APP = fileURLToPath(new URL('./python/app.py', import.meta.url));
const WEB_SERVER = fileURLToPath(new URL('./web/server.mjs', import.meta.url));

const installed = (...parts: readonly string[]) => join(process.env[INSTALLED_VARIABLE] ?? '/nowhere', ...parts);

function needs(path: string): Pick<RuntimeClient, 'missing'> {
  if (!process.env[INSTALLED_VARIABLE]) {
    return { missing: `${INSTALLED_VARIABLE} is not set, see scripts/install-conformance.sh` };
  }
  return existsSync(path) ? {} : { missing: `${path} is missing, see scripts/install-conformance.sh` };
}

const NO_PYTHON_STREAM = "Python's client has no streaming handlers: what a handler returns is one JSON document.";
const CLEAN_END =
  'The client writes the error into the body as text and ends it well: nobody can tell it from a whole one.';

/** The package brings its `bootstrap`; `prefix` goes before the case in the handler's name. */
const provided =
  (prefix = '') =>
  (name: CaseName) => ({ Runtime: 'provided.al2023', Handler: prefix + name });

const ourNode: RuntimeClient = {
  name: 'our bootstrap',
  properties: (name) => ({ Runtime: 'nodejs22.x', Handler: `app.${name}` }),
  copies: { 'code/app.mjs': NODE_APP },
  error: 'Refused: refused: 無理',
  knownMisses: {},
};

function awsLambdaRic(version: string, directory: string, entry: string): RuntimeClient {
  const packageDirectory = installed(directory, 'package');
  const client = `"$LAMBDA_TASK_ROOT/node_modules/aws-lambda-ric/${entry}"`;
  return {
    ...ourNode,
    name: `aws-lambda-ric ${version}`,
    properties: provided('app.'),
    copies: { 'code/app.mjs': NODE_APP, 'code/node_modules/aws-lambda-ric': packageDirectory },
    files: { 'code/bootstrap': `#!/bin/sh\nexec '${process.execPath}' ${client} "$_HANDLER"\n` },
    ...needs(packageDirectory),
  };
}

const python = spawnSync('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], { encoding: 'utf8' });

const ourPython: RuntimeClient = {
  name: 'our bootstrap for Python',
  properties: (name) => ({ Runtime: `python${python.stdout?.trim()}`, Handler: `app.${name}` }),
  copies: { 'code/app.py': PYTHON_APP },
  error: 'Refused: refused: 無理',
  moreContext: { hasAwsClient: false },
  knownMisses: { stream: NO_PYTHON_STREAM, broken: NO_PYTHON_STREAM, large: NO_PYTHON_STREAM },
  ...(python.status === 0 ? {} : { missing: 'python3 is missing' }),
};

const awsLambdaRicPython: RuntimeClient = {
  ...ourPython,
  name: 'awslambdaric',
  copies: { code: installed('python/packages'), 'code/app.py': PYTHON_APP },
  moreContext: { hasAwsClient: true },
  ...needs(installed('python/packages')),
};

const go: RuntimeClient = {
  name: 'aws-lambda-go',
  properties: provided(),
  copies: { 'code/bootstrap': installed('go/bootstrap') },
  error: 'refused: refused: 無理',
  knownMisses: {},
  ...needs(installed('go/bootstrap')),
};

const NO_BUFFERED_URL = 'lambdaurl serves Function URLs in RESPONSE_STREAM mode alone: it streams to whoever asks.';

const lambdaUrl: RuntimeClient = {
  ...go,
  name: 'aws-lambda-go/lambdaurl',
  properties: provided('url.'),
  knownMisses: {
    echo: NO_BUFFERED_URL,
    context: NO_BUFFERED_URL,
    error: 'A handler of net/http has no error to return: it can end its process.',
  },
};

const rust: RuntimeClient = {
  name: 'lambda_runtime',
  properties: provided(),
  copies: { 'code/bootstrap': installed('rust/bootstrap') },
  error: 'Refused: refused: 無理',
  knownMisses: { broken: CLEAN_END },
  ...needs(installed('rust/bootstrap')),
};

const RUST_ERROR = '&alloc::boxed::Box<dyn core::error::Error + core::marker::Send + core::marker::Sync>';

const ourAdapter: RuntimeClient = {
  name: 'our web adapter',
  properties: () => ({
    Runtime: 'nodejs22.x',
    Handler: 'run.sh',
    Layers: ['arn:aws:lambda:us-east-1:753240598075:layer:LambdaAdapterLayerX86:27'],
    Environment: {
      AWS_LAMBDA_EXEC_WRAPPER: '/opt/bootstrap',
      AWS_LWA_ERROR_STATUS_CODES: '500',
      PORT: '8080',
    },
  }),
  copies: { 'code/server.mjs': WEB_SERVER },
  files: { 'code/run.sh': '#!/bin/sh\nexec node "$LAMBDA_TASK_ROOT/server.mjs"\n' },
  error: `${RUST_ERROR}: {"statusCode":500,"body":"refused: 無理"}`,
  // As on AWS: an extension's variables leave them out.
  moreContext: { logGroupName: '', logStreamName: '' },
  knownMisses: { broken: CLEAN_END },
};

const awsAdapter: RuntimeClient = {
  ...ourAdapter,
  name: 'lambda_web_adapter 1.0.0-rc1',
  // A later 1.0.0 tells the body, too.
  error: `${RUST_ERROR}: Request failed with configured error status code: 500`,
  webAdapterLayer: installed('lwa/layer'),
  ...needs(installed('lwa/layer/extensions/lambda-adapter')),
};

export const clients: readonly RuntimeClient[] = [
  ourNode,
  awsLambdaRic('3.3.0', 'ric-3', 'bin/index.mjs'),
  awsLambdaRic('4.0.2', 'ric-4', 'index.mjs'),
  ourPython,
  awsLambdaRicPython,
  go,
  lambdaUrl,
  rust,
  { ...rust, name: 'lambda_http', properties: provided('http.') },
  ourAdapter,
  awsAdapter,
];
