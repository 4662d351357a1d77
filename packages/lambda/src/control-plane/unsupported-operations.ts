import { AwsError } from '@spillway/wire';
import type { LambdaOperation } from './lambda-operation.ts';

const F = 'functions/{FunctionName}';

const OPERATIONS: readonly (readonly [name: string, at: string])[] = [
  ['InvokeAsync', `POST /2014-11-13/${F}/invoke-async`],
  ['CreateEventSourceMapping', 'POST /2015-03-31/event-source-mappings'],
  ['ListEventSourceMappings', 'GET /2015-03-31/event-source-mappings'],
  ['DeleteEventSourceMapping', 'DELETE /2015-03-31/event-source-mappings/{UUID}'],
  ['GetEventSourceMapping', 'GET /2015-03-31/event-source-mappings/{UUID}'],
  ['UpdateEventSourceMapping', 'PUT /2015-03-31/event-source-mappings/{UUID}'],
  ['AddLayerVersionPermission', 'POST /2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy'],
  ['GetLayerVersionPolicy', 'GET /2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy'],
  [
    'RemoveLayerVersionPermission',
    'DELETE /2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy/{StatementId}',
  ],
  ['DeleteFunctionEventInvokeConfig', `DELETE /2019-09-25/${F}/event-invoke-config`],
  ['GetFunctionEventInvokeConfig', `GET /2019-09-25/${F}/event-invoke-config`],
  ['PutFunctionEventInvokeConfig', `PUT /2019-09-25/${F}/event-invoke-config`],
  ['UpdateFunctionEventInvokeConfig', `POST /2019-09-25/${F}/event-invoke-config`],
  ['ListFunctionEventInvokeConfigs', `GET /2019-09-25/${F}/event-invoke-config/list`],
  ['DeleteProvisionedConcurrencyConfig', `DELETE /2019-09-30/${F}/provisioned-concurrency`],
  ['GetProvisionedConcurrencyConfig', `GET /2019-09-30/${F}/provisioned-concurrency`],
  // ListProvisionedConcurrencyConfigs has the same place, and a query.
  ['PutProvisionedConcurrencyConfig', `PUT /2019-09-30/${F}/provisioned-concurrency`],
  ['CreateCodeSigningConfig', 'POST /2020-04-22/code-signing-configs'],
  ['ListCodeSigningConfigs', 'GET /2020-04-22/code-signing-configs'],
  ['DeleteCodeSigningConfig', 'DELETE /2020-04-22/code-signing-configs/{CodeSigningConfigArn}'],
  ['GetCodeSigningConfig', 'GET /2020-04-22/code-signing-configs/{CodeSigningConfigArn}'],
  ['UpdateCodeSigningConfig', 'PUT /2020-04-22/code-signing-configs/{CodeSigningConfigArn}'],
  ['ListFunctionsByCodeSigningConfig', 'GET /2020-04-22/code-signing-configs/{CodeSigningConfigArn}/functions'],
  ['DeleteFunctionCodeSigningConfig', `DELETE /2020-06-30/${F}/code-signing-config`],
  ['PutFunctionCodeSigningConfig', `PUT /2020-06-30/${F}/code-signing-config`],
  ['PutRuntimeManagementConfig', `PUT /2021-07-20/${F}/runtime-management-config`],
  ['PutFunctionRecursionConfig', `PUT /2024-08-31/${F}/recursion-config`],
  ['PutFunctionScalingConfig', `PUT /2025-11-30/${F}/function-scaling-config`],
  ['CreateCapacityProvider', 'POST /2025-11-30/capacity-providers'],
  ['ListCapacityProviders', 'GET /2025-11-30/capacity-providers'],
  ['DeleteCapacityProvider', 'DELETE /2025-11-30/capacity-providers/{CapacityProviderName}'],
  ['GetCapacityProvider', 'GET /2025-11-30/capacity-providers/{CapacityProviderName}'],
  ['UpdateCapacityProvider', 'PUT /2025-11-30/capacity-providers/{CapacityProviderName}'],
  ['ListDurableExecutionsByFunction', `GET /2025-12-01/${F}/durable-executions`],
  ['GetDurableExecution', 'GET /2025-12-01/durable-executions/{DurableExecutionArn}'],
];

/** Operations of Lambda that are missing here: refused by name. */
export const unsupportedOperations: readonly LambdaOperation[] = OPERATIONS.map(([name, at]) => {
  const [method = '', path = ''] = at.split(' ');
  return { name, method, path, run: () => Promise.reject(unsupportedOperation(name)) };
});

const unsupportedOperation = (name: string) =>
  new AwsError('UnknownOperationException', { message: `Spillway does not support Lambda's operation ${name}.` });
