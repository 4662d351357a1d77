import { runtimeVersion } from '../system-log.ts';
import { codeFacts } from './code-facts.ts';
import { type AttachedLayer, type FunctionSettings, LATEST, type VersionDocument } from './function-document.ts';
import type { LambdaContext } from './lambda-operation.ts';
import type { RegisteredFunction } from './registered-function.ts';
import { stateMembers } from './transition.ts';

export interface AnswerOptions {
  /** Ends the ARN. */
  readonly qualifier?: string | undefined;
}

/** A version as all operations on a single one show it. */
export async function functionAnswer(
  context: LambdaContext,
  found: RegisteredFunction,
  version: VersionDocument,
  { qualifier }: AnswerOptions = {},
): Promise<object> {
  const { arn: RuntimeVersionArn } = runtimeVersion(version.settings.runtime, context.region);
  return {
    ...(await listedFunction(context, found, version, { qualifier })),
    RuntimeVersionConfig: { RuntimeVersionArn },
    ...stateMembers(found.transition(version.version)),
  };
}

/** A version as lists show it: without its state. */
export async function listedFunction(
  context: LambdaContext,
  found: RegisteredFunction,
  version: VersionDocument,
  { qualifier }: AnswerOptions = {},
): Promise<object> {
  const { sha256, sizeBytes } = await codeFacts(context, found, version);
  const { settings, lastModified } = version;
  return {
    FunctionName: found.name,
    FunctionArn: qualifier === undefined ? found.arn : `${found.arn}:${qualifier}`,
    ...settingsMembers(settings, found.name),
    CodeSize: sizeBytes,
    LastModified: lastModified,
    CodeSha256: sha256,
    Version: version.version,
    TracingConfig: { Mode: 'PassThrough' },
    RevisionId: version.version === LATEST ? found.revisionId : version.revisionId,
    PackageType: 'Zip',
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
  };
}

function settingsMembers(settings: FunctionSettings, functionName: string): object {
  const { runtime, role, handler, description, timeoutSeconds, memorySizeMb, environment, layers } = settings;
  return {
    Runtime: runtime,
    ...(role !== undefined && { Role: role }),
    Handler: handler,
    Description: description,
    Timeout: timeoutSeconds,
    MemorySize: memorySizeMb,
    ...(environment !== undefined && { Environment: { Variables: environment } }),
    ...(layers.length > 0 && { Layers: layers.map(layerMember) }),
    Architectures: [settings.architecture],
    EphemeralStorage: { Size: settings.ephemeralStorageMb },
    LoggingConfig: loggingMember(settings, functionName),
  };
}

const layerMember = ({ arn, content }: AttachedLayer) => ({
  Arn: arn,
  CodeSize: content.kind === 'stored' ? content.sizeBytes : 0,
});

function loggingMember({ logging }: FunctionSettings, functionName: string): object {
  const { logFormat, applicationLogLevel, systemLogLevel, logGroup = `/aws/lambda/${functionName}` } = logging;
  return {
    LogFormat: logFormat,
    ...(applicationLogLevel !== undefined && { ApplicationLogLevel: applicationLogLevel }),
    ...(systemLogLevel !== undefined && { SystemLogLevel: systemLogLevel }),
    LogGroup: logGroup,
  };
}
