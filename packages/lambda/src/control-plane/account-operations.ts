import { runtimeVersion } from '../system-log.ts';
import { codeFacts } from './code-facts.ts';
import { versionOf } from './function-reference.ts';
import { type JsonCall, jsonOperation, type LambdaContext, type LambdaOperation } from './lambda-operation.ts';

const F = 'functions/{FunctionName}';

/** Reads that tools make of every function, of settings that are always AWS's defaults here; and of the account. */
export const accountOperations: readonly LambdaOperation[] = [
  jsonOperation('GetAccountSettings', { at: 'GET /2016-08-19/account-settings', status: 200, run: getAccountSettings }),
  jsonOperation('GetFunctionCodeSigningConfig', {
    at: `GET /2020-06-30/${F}/code-signing-config`,
    status: 200,
    run: (context, call) => ({ FunctionName: versionOf(context, call).found.name }),
  }),
  jsonOperation('GetRuntimeManagementConfig', {
    at: `GET /2021-07-20/${F}/runtime-management-config`,
    status: 200,
    run: (context, call) => ({ UpdateRuntimeOn: 'Auto', ...runtimeOf(context, call) }),
  }),
  jsonOperation('GetFunctionRecursionConfig', {
    at: `GET /2024-08-31/${F}/recursion-config`,
    status: 200,
    run: (context, call) => {
      versionOf(context, call);
      return { RecursiveLoop: 'Terminate' };
    },
  }),
  jsonOperation('GetFunctionScalingConfig', {
    at: `GET /2025-11-30/${F}/function-scaling-config`,
    status: 200,
    run: (context, call) => ({ FunctionArn: qualifiedArn(context, call) }),
  }),
];

function qualifiedArn(context: LambdaContext, call: JsonCall): string {
  const { found, version } = versionOf(context, call);
  return `${found.arn}:${version.version}`;
}

function runtimeOf(context: LambdaContext, call: JsonCall): object {
  const { version } = versionOf(context, call);
  const { arn: RuntimeVersionArn } = runtimeVersion(version.settings.runtime, context.region);
  return { FunctionArn: qualifiedArn(context, call), RuntimeVersionArn };
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const LIMITS = { TotalCodeSize: 80_530_636_800, CodeSizeUnzipped: 262_144_000, CodeSizeZipped: 52_428_800 };

async function getAccountSettings(context: LambdaContext): Promise<object> {
  const functions = context.functions.all();
  const versions = functions.flatMap((found) =>
    [found.document.latest, ...found.document.versions].map((version) => codeFacts(context, found, version)),
  );
  const sizes = (await Promise.all(versions)).map(({ sizeBytes }) => sizeBytes);
  return {
    AccountLimit: {
      ...LIMITS,
      ConcurrentExecutions: context.concurrency.accountLimit,
      UnreservedConcurrentExecutions: context.concurrency.unreserved,
    },
    AccountUsage: {
      TotalCodeSize: sizes.reduce((sum, sizeBytes) => sum + sizeBytes, 0),
      FunctionCount: functions.length,
    },
  };
}
