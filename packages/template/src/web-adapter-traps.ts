import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FunctionConfiguration } from '@spillway/wire';
import { integratedFunction } from './integrated-function.ts';
import type { FunctionDraft, ReadContext, StackDraft } from './read-context.ts';
import type { RestApiDraft } from './rest-api-draft.ts';

/**
 * Warns about settings with which AWS Lambda Web Adapter does not do what their author may think.
 * @see https://aws.github.io/aws-lambda-web-adapter/
 */
export function warnAboutWebAdapterTraps(draft: StackDraft, context: ReadContext): void {
  for (const target of draft.functions) {
    checkArchitectures(target, context);
    checkWrapper(target, context);
    if (!isWebFunction(target)) continue;
    checkHandler(target, context);
    checkPort(target, context);
  }
  checkInvokeModes(draft, context);
}

/** What the layer puts in place of the managed runtime. */
const WRAPPER = '/opt/bootstrap';

const hasWebAdapter = ({ layers }: FunctionConfiguration) => layers.some(({ kind }) => kind === 'web-adapter');

/** AWS's layer may also come from a directory, under any name. */
const isWebFunction = ({ configuration }: FunctionDraft) =>
  hasWebAdapter(configuration) || configuration.environment['AWS_LWA_INVOKE_MODE'] !== undefined;

/** Runtimes that start the function's own `bootstrap`, whatever the wrapper says. */
const isOsOnly = ({ runtime }: FunctionConfiguration) => runtime.startsWith('provided');

function checkArchitectures({ configuration, layersAt }: FunctionDraft, { problems }: ReadContext): void {
  const { functionName, architecture, layers } = configuration;
  for (const layer of layers) {
    const made =
      layer.kind === 'web-adapter' ? [layer.architecture] : (layer.compatibleArchitectures ?? [architecture]);
    if (made.includes(architecture)) continue;
    const name = layer.kind === 'web-adapter' ? layer.arn : `layer ${layer.name}`;
    problems.warn(
      layersAt,
      `${functionName} is ${architecture}, but ${name} is for ${made.join(' and ')}: what is compiled in it can't be executed on Lambda (exec format error). Take the layer for ${architecture}, or change Architectures.`,
    );
  }
}

function checkWrapper({ configuration, environmentAt, layersAt }: FunctionDraft, { problems }: ReadContext): void {
  const { functionName, environment, layers } = configuration;
  const wrapper = environment['AWS_LAMBDA_EXEC_WRAPPER'];
  if (isOsOnly(configuration)) return;
  if (wrapper?.startsWith('/opt/') && layers.length === 0) {
    problems.warn(
      environmentAt,
      `AWS_LAMBDA_EXEC_WRAPPER of ${functionName} is ${wrapper}, but the function has no layer to bring that file: every start fails with "${wrapper}: does not exist". For the web adapter add the layer arn:aws:lambda:REGION:753240598075:layer:LambdaAdapterLayerX86:27 (or Arm64).`,
    );
  }
  if (wrapper === undefined && hasWebAdapter(configuration)) {
    problems.warn(
      layersAt,
      `${functionName} has the web adapter's layer, but no AWS_LAMBDA_EXEC_WRAPPER: Lambda starts the runtime of ${configuration.runtime} instead of your server, and the adapter waits for it in vain. Set AWS_LAMBDA_EXEC_WRAPPER: ${WRAPPER}.`,
    );
  }
}

/** The layer's bootstrap executes the file that Handler names. */
function checkHandler({ configuration, handlerAt }: FunctionDraft, { problems }: ReadContext): void {
  const { functionName, handler, environment, code } = configuration;
  if (environment['AWS_LAMBDA_EXEC_WRAPPER'] !== WRAPPER || isOsOnly(configuration)) return;
  const isMissing =
    code.kind === 'directory' ? !existsSync(join(code.path, handler)) : /^[\w/-]+\.(?:\w*handler|main)$/i.test(handler);
  if (!isMissing) return;
  problems.warn(
    handlerAt,
    `Handler of ${functionName} is ${handler}, and its code has no such file: the web adapter's ${WRAPPER} executes the file that Handler names, usually run.sh. Every start fails with "${WRAPPER}: ... /var/task/${handler}: No such file or directory".`,
  );
}

/** https://aws.github.io/aws-lambda-web-adapter/configuration/environment-variables.html */
const TAKEN_PORTS: Readonly<Record<string, string>> = {
  '9001': "it is the Runtime API's",
  '3000': "it is CloudWatch Lambda Insights'",
};

function checkPort({ configuration, environmentAt }: FunctionDraft, { problems }: ReadContext): void {
  const { functionName, environment } = configuration;
  const name = environment['AWS_LWA_PORT'] === undefined ? 'PORT' : 'AWS_LWA_PORT';
  const port = environment[name];
  if (port === undefined) return;
  const reason =
    Number(port) < 1024 ? 'only root may listen below 1024, and functions are not root' : TAKEN_PORTS[port];
  if (reason === undefined) return;
  problems.warn(environmentAt, `${name} of ${functionName} is ${port}: ${reason} on Lambda. Take 8080, for instance.`);
}

/** The adapter and the route each have a mode, and each needs the other. */
function checkInvokeModes(draft: StackDraft, { problems, region }: ReadContext): void {
  for (const { path, httpMethod, integration } of draft.restApis.flatMap(integratedMethods)) {
    const target = integratedFunction(integration.integration, draft, region);
    if (target === undefined || !isWebFunction(target)) continue;
    const trap = modeTrap(target.configuration, integration.integration.responseTransferMode);
    if (trap !== undefined) problems.warn(integration.modeAt, `${httpMethod} ${path} ${trap}`);
  }
}

const integratedMethods = ({ paths }: RestApiDraft) =>
  [...paths].flatMap(([path, { methods }]) =>
    [...methods.values()].flatMap(({ httpMethod, integration }) =>
      integration === undefined ? [] : { path, httpMethod, integration },
    ),
  );

function modeTrap(
  { functionName, environment }: FunctionConfiguration,
  transferMode: 'BUFFERED' | 'STREAM',
): string | undefined {
  const mode = environment['AWS_LWA_INVOKE_MODE'];
  const streams = mode?.toLowerCase() === 'response_stream';
  if (streams && transferMode === 'BUFFERED') {
    return `is BUFFERED, but AWS_LWA_INVOKE_MODE of ${functionName} is ${mode}: clients get status and headers, but no body. Set ResponseTransferMode: RESPONSE_STREAM on the route (STREAM outside of SAM's Api events).`;
  }
  if (!streams && transferMode === 'STREAM') {
    const given = mode === undefined ? 'not set, so the adapter buffers' : `${mode}, so the adapter buffers`;
    return `streams, but AWS_LWA_INVOKE_MODE of ${functionName} is ${given}: every request is answered 500. Set AWS_LWA_INVOKE_MODE: response_stream.`;
  }
  return undefined;
}
