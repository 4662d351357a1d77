import { AWS_LIMITS, type Limits, streamSeconds } from '@spillway/wire';
import { integratedFunction } from './integrated-function.ts';
import { INVOCATION_PATHS } from './integration.ts';
import type { FunctionDraft, ReadContext, StackDraft } from './read-context.ts';
import type { IntegrationDraft, RestApiDraft } from './rest-api-draft.ts';

const MIB = 1_048_576;

/**
 * Warns about what works otherwise than the author of a streaming API may think.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
 */
export function warnAboutTraps(draft: StackDraft, context: ReadContext): void {
  const warned = new Set<FunctionDraft>();
  for (const api of draft.restApis) {
    const integrations = api.methods.flatMap(({ integration }) => integration ?? []);
    for (const integration of integrations) {
      checkUri(integration, context);
      checkTimeouts(integration, draft, warned, context);
    }
    checkEndpoint(api, integrations, context);
    if (api.stages.length === 0) {
      context.problems.warn(api.options.at, `${api.options.logicalId} has no stage, so no request reaches it.`);
    }
  }
}

const isStream = ({ integration }: IntegrationDraft) => integration.responseTransferMode === 'STREAM';

function checkUri({ integration, modeAt }: IntegrationDraft, { problems }: ReadContext): void {
  const { type, uri, responseTransferMode } = integration;
  if (type !== 'AWS_PROXY' || uri === undefined) return;
  const [version, action] = INVOCATION_PATHS[responseTransferMode];
  if (uri.includes(`:lambda:path/${version}/`) && uri.endsWith(`/${action}`)) return;
  const other = responseTransferMode === 'STREAM' ? 'STREAM needs a' : 'BUFFERED (the default) needs an';
  problems.warn(
    modeAt,
    `ResponseTransferMode ${other} URI of the form .../${version}/functions/{arn}/${action}; this one is ${uri}. The two do not go together: every request is answered 500.`,
  );
}

/** AWS keeps an edge-optimized stream open through 30 s of silence only. */
function checkEndpoint(api: RestApiDraft, integrations: readonly IntegrationDraft[], context: ReadContext): void {
  const first = integrations.find(isStream);
  const { edgeStreamIdleTimeoutMs, regionalStreamIdleTimeoutMs } = context.limits;
  if (api.endpointType !== 'EDGE' || first === undefined || !Number.isFinite(edgeStreamIdleTimeoutMs)) return;
  const { logicalId, at, endpointType } = api.options;
  const why = endpointType === undefined ? 'sets no EndpointConfiguration, so it is EDGE' : 'is EDGE';
  context.problems.warn(
    at,
    `${logicalId} ${why}: a stream is cut after ${edgeStreamIdleTimeoutMs / 1000} s of silence. With REGIONAL it is ${regionalStreamIdleTimeoutMs / 1000} s.`,
  );
}

function checkTimeouts(
  draft: IntegrationDraft,
  stack: StackDraft,
  warned: Set<FunctionDraft>,
  context: ReadContext,
): void {
  const { integration, timeoutAt } = draft;
  const { limits, problems, region } = context;
  const target = integratedFunction(integration, stack, region);
  if (!isStream(draft) || target === undefined) return;
  const { functionName, timeoutSeconds } = target.configuration;
  const timeoutMs = integration.timeoutInMillis;
  if (!warned.has(target) && warnAboutPace(`Timeout of ${functionName}`, timeoutSeconds, target.timeoutAt, context)) {
    warned.add(target);
  } else if (!warned.has(target) && timeoutMs !== undefined && timeoutSeconds * 1000 < timeoutMs) {
    warned.add(target);
    problems.warn(
      target.timeoutAt,
      `Timeout of ${functionName} is ${timeoutSeconds} s, less than its integration's TimeoutInMillis of ${timeoutMs}: Lambda ends the stream first. Timeout may be up to 900 s.`,
    );
  }
  const effectiveMs = timeoutMs ?? Math.max(limits.streamIntegrationTimeoutMs, AWS_LIMITS.streamIntegrationTimeoutMs);
  warnAboutPace('TimeoutInMillis', effectiveMs / 1000, timeoutAt, context);
}

/** True when `timeoutSeconds` is too short for the largest stream at AWS's pace. */
function warnAboutPace(
  name: string,
  timeoutSeconds: number,
  at: FunctionDraft['timeoutAt'],
  { limits, problems }: ReadContext,
): boolean {
  const sizeBytes = limits.lambdaStreamedResponseBytes;
  const neededSeconds = streamSeconds(sizeBytes, limits);
  // Limits that are lifted, or set for a test, have no pace to keep up with.
  if (!Number.isFinite(neededSeconds) || timeoutSeconds >= neededSeconds) return false;
  problems.warn(
    at,
    `${name} is ${timeoutSeconds} s: at AWS's pace ${mib(reach(timeoutSeconds, limits))} MiB get through, and a stream of ${mib(sizeBytes)} MiB takes ${Math.ceil(neededSeconds)} s.`,
  );
  return true;
}

const reach = (seconds: number, limits: Limits) =>
  limits.lambdaStreamBurstBytes + seconds * limits.lambdaStreamBytesPerSecond;

const mib = (sizeBytes: number) => Math.floor(sizeBytes / MIB);
