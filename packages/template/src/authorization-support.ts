import type { PropertySupport } from './unsupported.ts';

// What Spillway makes of the properties that say who may call a REST API, and how it answers the others.

const noIam = 'IAM is not enforced';
const noCognito = 'Cognito authorizers are not emulated';
const noResourcePolicy = 'resource policies of APIs are not emulated';
const noUsagePlans = 'usage plans are not emulated; an API key opens its stages without one';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-authorizer.html */
export const AUTHORIZER: PropertySupport = {
  supported: [
    'AuthorizerCredentials',
    'AuthorizerResultTtlInSeconds',
    'AuthorizerUri',
    'IdentitySource',
    'IdentityValidationExpression',
    'Name',
    'RestApiId',
    'Type',
  ],
  notEnforced: { AuthType: 'descriptive only' },
  unsupported: { ProviderARNs: noCognito },
};

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-apikey.html */
export const API_KEY: PropertySupport = {
  supported: ['Description', 'Enabled', 'GenerateDistinctId', 'Name', 'StageKeys', 'Tags', 'Value'],
  notEnforced: { CustomerId: 'it is for AWS Marketplace' },
  unsupported: {},
};

export const STAGE_KEY: PropertySupport = { supported: ['RestApiId', 'StageName'], notEnforced: {}, unsupported: {} };

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-gatewayresponse.html */
export const GATEWAY_RESPONSE: PropertySupport = {
  supported: ['ResponseParameters', 'ResponseTemplates', 'ResponseType', 'RestApiId', 'StatusCode'],
  notEnforced: {},
  unsupported: {},
};

/** @see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-gatewayresponse.html */
export const SERVERLESS_GATEWAY_RESPONSE: PropertySupport = {
  supported: ['ResponseParameters', 'ResponseTemplates', 'StatusCode'],
  notEnforced: {},
  unsupported: {},
};

export const SERVERLESS_RESPONSE_PARAMETERS: PropertySupport = {
  supported: ['Headers'],
  notEnforced: {},
  unsupported: { Paths: 'a response has no path', QueryStrings: 'a response has no query' },
};

/** @see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-apiauth.html */
export const SERVERLESS_API_AUTH: PropertySupport = {
  supported: [
    'AddApiKeyRequiredToCorsPreflight',
    'AddDefaultAuthorizerToCorsPreflight',
    'ApiKeyRequired',
    'Authorizers',
    'DefaultAuthorizer',
  ],
  notEnforced: { InvokeRole: noIam },
  unsupported: { ResourcePolicy: noResourcePolicy, UsagePlan: noUsagePlans },
};

/** @see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-lambdarequestauthorizer.html */
export const SERVERLESS_AUTHORIZER: PropertySupport = {
  supported: [
    'DisableFunctionDefaultPermissions',
    'FunctionArn',
    'FunctionInvokeRole',
    'FunctionPayloadType',
    'Identity',
  ],
  notEnforced: {},
  unsupported: { AuthorizationScopes: 'they are for Cognito authorizers', UserPoolArn: noCognito },
};

/** @see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-lambdatokenauthorizationidentity.html */
export const SERVERLESS_TOKEN_IDENTITY: PropertySupport = {
  supported: ['Header', 'ReauthorizeEvery', 'ValidationExpression'],
  notEnforced: {},
  unsupported: {},
};

/** @see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-lambdarequestauthorizationidentity.html */
export const SERVERLESS_REQUEST_IDENTITY: PropertySupport = {
  supported: ['Context', 'Headers', 'QueryStrings', 'ReauthorizeEvery', 'StageVariables'],
  notEnforced: {},
  unsupported: {},
};

/** @see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-apifunctionauth.html */
export const API_EVENT_AUTH: PropertySupport = {
  supported: ['ApiKeyRequired', 'Authorizer'],
  notEnforced: { InvokeRole: noIam },
  unsupported: {
    AuthorizationScopes: 'they are for Cognito authorizers, which are not emulated',
    OverrideApiAuth: 'Auth of an Api event is read as it stands',
    ResourcePolicy: noResourcePolicy,
  },
};
