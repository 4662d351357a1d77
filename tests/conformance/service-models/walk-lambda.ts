import { zipOf } from '../../../packages/lambda/test/write-zip.ts';
import type { Call } from './checked-call.ts';

const NAME = { FunctionName: 'walked' };
const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:walked';
const SOURCE = `exports.handler = async () => ({ statusCode: 200, body: 'walked' });`;
const zip = (content: string) => Buffer.from(zipOf({ name: 'index.js', content })).toString('base64');

/** Makes a function that API Gateway may call. */
export async function makeFunction(call: Call, FunctionName: string): Promise<void> {
  await call('CreateFunction', {
    FunctionName,
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Role: 'arn:aws:iam::000000000000:role/walked',
    Code: { ZipFile: zip(SOURCE) },
    Description: 'd',
    Environment: { Variables: { COLOR: 'blue' } },
    Tags: { team: 'x' },
  });
  await settled(call, FunctionName);
  await call('AddPermission', {
    FunctionName,
    StatementId: 'api-gateway',
    Action: 'lambda:InvokeFunction',
    Principal: 'apigateway.amazonaws.com',
  });
}

/** Until the function serves what it was told last. */
async function settled(call: Call, FunctionName = NAME.FunctionName): Promise<void> {
  while (true) {
    const answer = await call('GetFunctionConfiguration', { FunctionName });
    if (answer.text('State') === 'Active' && answer.text('LastUpdateStatus') === 'Successful') return;
  }
}

/** Every operation of Lambda that is implemented. */
export async function walkLambda(call: Call): Promise<void> {
  await makeFunction(call, NAME.FunctionName);
  await call('GetFunction', NAME);
  await call('Invoke', { ...NAME, LogType: 'Tail', Payload: '{}' });
  await call('InvokeWithResponseStream', { ...NAME, Payload: '{}' });
  await call('ListFunctions', { MaxItems: 1 });
  const layer = await walkLayers(call);
  await call('UpdateFunctionConfiguration', { ...NAME, Timeout: 10, MemorySize: 256, Layers: [layer] });
  await settled(call);
  await call('UpdateFunctionCode', { ...NAME, ZipFile: zip(`${SOURCE}// changed`) });
  await settled(call);
  await call('GetFunction', NAME);
  await walkVersions(call);
  await call('GetPolicy', NAME);
  await call('RemovePermission', { ...NAME, StatementId: 'api-gateway' });
  await walkUrls(call);
  await call('PutFunctionConcurrency', { ...NAME, ReservedConcurrentExecutions: 5 });
  await call('GetFunctionConcurrency', NAME);
  await call('GetFunction', NAME);
  await call('DeleteFunctionConcurrency', NAME);
  await call('TagResource', { Resource: ARN, Tags: { stage: 'y' } });
  await call('ListTags', { Resource: ARN });
  await call('UntagResource', { Resource: ARN, TagKeys: ['stage'] });
  await call('GetAccountSettings');
  for (const setting of ['CodeSigning', 'Recursion', 'Scaling']) {
    await call(`GetFunction${setting}Config`, { ...NAME, ...(setting === 'Scaling' && { Qualifier: '1' }) });
  }
  await call('GetRuntimeManagementConfig', NAME);
  await call('DeleteFunction', NAME);
}

async function walkLayers(call: Call): Promise<string> {
  const LayerName = 'walked';
  const content = {
    Content: { ZipFile: zip('') },
    CompatibleRuntimes: ['nodejs22.x'],
    CompatibleArchitectures: ['x86_64'],
  };
  const first = await call('PublishLayerVersion', { LayerName, ...content, Description: 'd', LicenseInfo: 'MIT' });
  await call('PublishLayerVersion', { LayerName, ...content });
  await call('GetLayerVersion', { LayerName, VersionNumber: 1 });
  await call('GetLayerVersionByArn', { Arn: first.text('LayerVersionArn') });
  await call('ListLayers');
  await call('ListLayerVersions', { LayerName });
  await call('DeleteLayerVersion', { LayerName, VersionNumber: 2 });
  return first.text('LayerVersionArn');
}

async function walkVersions(call: Call): Promise<void> {
  await call('PublishVersion', { ...NAME, Description: 'first' });
  await call('ListVersionsByFunction', NAME);
  const alias = { ...NAME, Name: 'live' };
  await call('CreateAlias', { ...alias, FunctionVersion: '1', Description: 'd' });
  await call('GetAlias', alias);
  await call('UpdateAlias', { ...alias, Description: 'changed' });
  await call('ListAliases', NAME);
  await call('DeleteAlias', alias);
}

async function walkUrls(call: Call): Promise<void> {
  const Cors = { AllowOrigins: ['https://example.com'], AllowMethods: ['GET'], MaxAge: 60 };
  await call('CreateFunctionUrlConfig', { ...NAME, AuthType: 'NONE', Cors, InvokeMode: 'RESPONSE_STREAM' });
  await call('GetFunctionUrlConfig', NAME);
  await call('ListFunctionUrlConfigs', NAME);
  await call('UpdateFunctionUrlConfig', { ...NAME, AuthType: 'AWS_IAM' });
  await call('DeleteFunctionUrlConfig', NAME);
}
