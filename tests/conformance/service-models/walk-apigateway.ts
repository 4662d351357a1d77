import type { Call } from './checked-call.ts';

const LAMBDA = 'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions';
const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:invoked';
const replace = (path: string, value: string) => ({ patchOperations: [{ op: 'replace', path, value }] });

const DOCUMENT = JSON.stringify({
  openapi: '3.0.1',
  info: { title: 'imported', version: '1' },
  paths: {
    '/f': {
      get: {
        responses: { '200': { description: 'ok' } },
        'x-amazon-apigateway-integration': {
          type: 'aws_proxy',
          httpMethod: 'POST',
          uri: `arn:aws:apigateway:us-east-1:lambda:path/2021-11-15/functions/${FUNCTION}/response-streaming-invocations`,
          responseTransferMode: 'STREAM',
        },
      },
    },
  },
});

/** Every operation of API Gateway's control plane that is implemented. They call a function `invoked`. */
export async function walkApiGateway(call: Call): Promise<void> {
  const made = await call('CreateRestApi', {
    name: 'walked',
    description: 'd',
    version: 'v',
    tags: { team: 'x' },
    binaryMediaTypes: ['image/png'],
    endpointConfiguration: { types: ['REGIONAL'] },
  });
  const restApiId = made.text('id');
  await call('GetRestApis', { limit: 1 });
  await call('GetRestApi', { restApiId });
  await call('UpdateRestApi', { restApiId, ...replace('/name', 'renamed') });
  await call('GetModels', { restApiId });
  await call('GetModel', { restApiId, modelName: 'Empty' });
  await call('GetRequestValidators', { restApiId });
  const resourceId = await walkMethods(call, restApiId, made.text('rootResourceId'));
  await walkStages(call, restApiId);
  await walkAuthorizers(call, restApiId);
  await walkGatewayResponses(call, restApiId);
  await walkKeys(call);
  const resourceArn = `arn:aws:apigateway:us-east-1::/restapis/${restApiId}`;
  await call('TagResource', { resourceArn, tags: { stage: 'y' } });
  await call('GetTags', { resourceArn });
  await call('UntagResource', { resourceArn, tagKeys: ['stage'] });
  await call('GetAccount');
  await call('UpdateAccount', replace('/cloudwatchRoleArn', 'arn:aws:iam::000000000000:role/logs'));
  const imported = await call('ImportRestApi', { body: DOCUMENT });
  await call('PutRestApi', { restApiId: imported.text('id'), mode: 'overwrite', body: DOCUMENT });
  await call('GetResources', { restApiId: imported.text('id'), embed: ['methods'] });
  await call('DeleteResource', { restApiId, resourceId });
  await call('DeleteRestApi', { restApiId });
}

async function walkMethods(call: Call, restApiId: string, parentId: string): Promise<string> {
  const resource = await call('CreateResource', { restApiId, parentId, pathPart: 'download' });
  const resourceId = resource.text('id');
  await call('UpdateResource', { restApiId, resourceId, ...replace('/pathPart', 'files') });
  await call('GetResource', { restApiId, resourceId });
  const at = { restApiId, resourceId, httpMethod: 'GET' };
  const requestParameters = { 'method.request.querystring.q': false };
  await call('PutMethod', { ...at, authorizationType: 'NONE', operationName: 'read', requestParameters });
  await call('UpdateMethod', { ...at, ...replace('/operationName', 'get') });
  const proxy = { type: 'AWS_PROXY', integrationHttpMethod: 'POST', uri: `${LAMBDA}/${FUNCTION}/invocations` };
  await call('PutIntegration', { ...at, ...proxy });
  await call('TestInvokeMethod', { ...at, pathWithQueryString: '/files?q=1' });
  await call('GetIntegration', at);
  await call('UpdateIntegration', { ...at, ...replace('/timeoutInMillis', '5000') });
  await call('DeleteIntegration', at);
  await call('PutIntegration', {
    ...at,
    type: 'MOCK',
    requestTemplates: { 'application/json': '{"statusCode": 200}' },
  });
  const response = { ...at, statusCode: '200' };
  const responseParameters = { 'method.response.header.X-Own': false };
  await call('PutMethodResponse', { ...response, responseParameters, responseModels: { 'application/json': 'Empty' } });
  await call('GetMethodResponse', response);
  await call('UpdateMethodResponse', {
    ...response,
    patchOperations: [{ op: 'add', path: '/responseParameters/method.response.header.X-More', value: 'false' }],
  });
  const mapped = { responseParameters: { 'method.response.header.X-Own': "'own'" }, selectionPattern: '' };
  await call('PutIntegrationResponse', { ...response, ...mapped, responseTemplates: { 'application/json': '' } });
  await call('GetIntegrationResponse', response);
  await call('UpdateIntegrationResponse', { ...response, ...replace('/selectionPattern', 'x') });
  await call('GetMethod', at);
  await call('GetResources', { restApiId, embed: ['methods'] });
  await call('CreateDeployment', { restApiId, stageName: 'whole', description: 'd' });
  await call('DeleteStage', { restApiId, stageName: 'whole' });
  await call('DeleteIntegrationResponse', response);
  await call('DeleteMethodResponse', response);
  const extra = { ...at, httpMethod: 'POST' };
  await call('PutMethod', { ...extra, authorizationType: 'NONE' });
  await call('DeleteMethod', extra);
  return resourceId;
}

async function walkStages(call: Call, restApiId: string): Promise<void> {
  const deploymentId = (await call('CreateDeployment', { restApiId, description: 'd' })).text('id');
  await call('GetDeployments', { restApiId });
  await call('GetDeployment', { restApiId, deploymentId, embed: ['apisummary'] });
  await call('UpdateDeployment', { restApiId, deploymentId, ...replace('/description', 'changed') });
  const stage = { restApiId, stageName: 'prod' };
  await call('CreateStage', {
    ...stage,
    deploymentId,
    description: 'd',
    variables: { color: 'blue' },
    tags: { a: 'b' },
  });
  await call('UpdateStage', {
    ...stage,
    patchOperations: [
      { op: 'replace', path: '/*/*/logging/loglevel', value: 'INFO' },
      { op: 'replace', path: '/accessLogSettings/format', value: '$context.requestId' },
      {
        op: 'replace',
        path: '/accessLogSettings/destinationArn',
        value: 'arn:aws:logs:us-east-1:000000000000:log-group:access',
      },
    ],
  });
  await call('GetStage', stage);
  await call('GetStages', { restApiId });
  await call('FlushStageAuthorizersCache', stage);
  await call('DeleteStage', stage);
  await call('DeleteDeployment', { restApiId, deploymentId });
}

async function walkAuthorizers(call: Call, restApiId: string): Promise<void> {
  const authorizerUri = `${LAMBDA}/${FUNCTION}/invocations`;
  const token = { name: 'token', type: 'TOKEN', authorizerUri, identitySource: 'method.request.header.Authorization' };
  const made = await call('CreateAuthorizer', { restApiId, ...token, authorizerResultTtlInSeconds: 60 });
  const at = { restApiId, authorizerId: made.text('id') };
  await call('GetAuthorizers', { restApiId });
  await call('GetAuthorizer', at);
  await call('UpdateAuthorizer', { ...at, ...replace('/authorizerResultTtlInSeconds', '0') });
  await call('DeleteAuthorizer', at);
}

async function walkGatewayResponses(call: Call, restApiId: string): Promise<void> {
  const at = { restApiId, responseType: 'DEFAULT_4XX' };
  const content = {
    responseParameters: { 'gatewayresponse.header.X-Own': "'own'" },
    responseTemplates: { 'application/json': '{"message":$context.error.messageString}' },
  };
  await call('PutGatewayResponse', { ...at, ...content });
  await call('GetGatewayResponse', at);
  await call('GetGatewayResponses', { restApiId });
  await call('UpdateGatewayResponse', { ...at, ...replace('/statusCode', '418') });
  await call('DeleteGatewayResponse', at);
}

async function walkKeys(call: Call): Promise<void> {
  const made = await call('CreateApiKey', { name: 'k', description: 'd', enabled: true, tags: { a: 'b' } });
  const apiKey = made.text('id');
  await call('GetApiKeys', { includeValues: true });
  await call('GetApiKey', { apiKey, includeValue: true });
  await call('UpdateApiKey', { apiKey, ...replace('/description', 'changed') });
  await call('DeleteApiKey', { apiKey });
}
