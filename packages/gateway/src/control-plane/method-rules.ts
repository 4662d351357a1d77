import type { Limits, Method, RestApi } from '@spillway/wire';
import { assertIntegration } from './integration-rules.ts';
import { badRequest, notServed, onlyKnown } from './refusal.ts';

const KEYS: readonly string[] = [
  'httpMethod',
  'authorizationType',
  'authorizerId',
  'apiKeyRequired',
  'operationName',
  'methodResponses',
  'requestParameters',
  'requestModels',
  'integration',
];

const HTTP_METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'ANY'];
const AUTHORIZATION_TYPES: readonly string[] = ['NONE', 'AWS_IAM', 'CUSTOM'];

/** @throws AwsError in AWS's words, or naming what is not served here. */
export function assertMethod(restApi: RestApi, method: Method, limits: Limits): void {
  if (!HTTP_METHODS.includes(method.httpMethod)) {
    throw badRequest(`Invalid HttpMethod specified. Valid options are ${HTTP_METHODS.join()}`);
  }
  onlyKnown(KEYS, method);
  assertAuthorization(restApi, method);
  const responseModels = (method.methodResponses ?? []).map((response) => response.responseModels);
  for (const models of [method.requestModels, ...responseModels]) assertModels(models ?? {});
  if (method.integration !== undefined) assertIntegration(method, method.integration, limits);
}

function assertAuthorization({ authorizers = [] }: RestApi, { authorizationType, authorizerId }: Method): void {
  const type: string = authorizationType;
  if (type === 'COGNITO_USER_POOLS') throw notServed(`authorizationType ${type}`, 'NONE, AWS_IAM and CUSTOM are');
  if (!AUTHORIZATION_TYPES.includes(type)) {
    throw badRequest(
      'Invalid authorization type specified. Valid options are NONE,AWS_IAM,CUSTOM,COGNITO_USER_POOLS',
      `It is ${type}.`,
    );
  }
  if (type === 'CUSTOM' && !authorizers.some(({ id }) => id === authorizerId)) {
    throw badRequest(
      'Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.',
    );
  }
}

/** The models that every new API has. */
const MODEL_NAMES: readonly string[] = ['Empty', 'Error'];

/** Only those that every new API has: others cannot be made here. */
export function assertModels(models: Readonly<Record<string, string>>): void {
  const unknown = Object.values(models).find((name) => !MODEL_NAMES.includes(name));
  if (unknown !== undefined) throw badRequest(`Invalid model identifier specified: ${unknown}`);
}
