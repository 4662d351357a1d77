import { ACCOUNT_ID, type Authorizer, type FunctionPermission } from '@spillway/wire';
import {
  API_EVENT_AUTH,
  SERVERLESS_API_AUTH,
  SERVERLESS_AUTHORIZER,
  SERVERLESS_REQUEST_IDENTITY,
  SERVERLESS_TOKEN_IDENTITY,
} from '../authorization-support.ts';
import { lambdaUri } from '../integration.ts';
import type { Properties } from '../properties.ts';
import type { ReadContext, StackDraft } from '../read-context.ts';
import { resourceId } from '../references.ts';
import type { MethodAuthorization, MethodDraft, RestApiDraft } from '../rest-api-draft.ts';
import { checkProperties } from '../unsupported.ts';
import { DEFAULT_TTL_SECONDS, TTL_RANGE } from './authorizer.ts';

/**
 * The authorizers of an `AWS::Serverless::Api`, and the permission for the API to call each.
 * @see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-apiauth.html
 */
export function readServerlessAuth(
  properties: Properties,
  api: RestApiDraft,
  draft: StackDraft,
  context: ReadContext,
): void {
  const auth = properties.map('Auth');
  if (auth === undefined) return;
  checkProperties(auth, SERVERLESS_API_AUTH, context.problems);
  const authorizers = auth.map('Authorizers');
  for (const name of authorizers?.names ?? []) {
    const settings = authorizers?.map(name);
    if (settings === undefined) continue;
    checkProperties(settings, SERVERLESS_AUTHORIZER, context.problems);
    if (settings.has('UserPoolArn')) continue;
    addAuthorizer(name, settings, api, draft, context);
  }
}

function addAuthorizer(
  name: string,
  settings: Properties,
  api: RestApiDraft,
  draft: StackDraft,
  context: ReadContext,
): void {
  const functionArn = settings.requiredText('FunctionArn');
  const type = settings.oneOf('FunctionPayloadType', ['TOKEN', 'REQUEST']) ?? 'TOKEN';
  const role = settings.text('FunctionInvokeRole');
  const authorizerCredentials = role === 'NONE' ? undefined : role;
  const identity = readIdentity(type, settings.map('Identity'), settings, context);
  if (functionArn === undefined) return;
  api.authorizers.push({
    id: resourceId(`${api.options.id}/authorizers/${name}`),
    name,
    type,
    authorizerUri: lambdaUri(context.region, functionArn, 'BUFFERED'),
    ...identity,
    ...(authorizerCredentials === undefined ? {} : { authorizerCredentials }),
  });
  const isPermitted = settings.boolean('DisableFunctionDefaultPermissions') !== true;
  if (isPermitted && authorizerCredentials === undefined)
    draft.permissions.push(permission(name, functionArn, api, context));
}

const permission = (
  name: string,
  functionName: string,
  { options: { id, logicalId } }: RestApiDraft,
  { region }: ReadContext,
): FunctionPermission => ({
  functionName,
  statementId: `${logicalId}${name}AuthorizerPermission`,
  action: 'lambda:InvokeFunction',
  principal: 'apigateway.amazonaws.com',
  sourceArn: `arn:aws:execute-api:${region}:${ACCOUNT_ID}:${id}/authorizers/*`,
});

type Identity = Pick<Authorizer, 'identitySource' | 'identityValidationExpression' | 'authorizerResultTtlInSeconds'>;

function readIdentity(
  type: Authorizer['type'],
  identity: Properties | undefined,
  settings: Properties,
  { problems }: ReadContext,
): Identity {
  const support = type === 'TOKEN' ? SERVERLESS_TOKEN_IDENTITY : SERVERLESS_REQUEST_IDENTITY;
  if (identity !== undefined) checkProperties(identity, support, problems);
  const ttlSeconds = identity?.integer('ReauthorizeEvery', TTL_RANGE) ?? DEFAULT_TTL_SECONDS;
  if (type === 'TOKEN') {
    const identityValidationExpression = identity?.text('ValidationExpression');
    return {
      identitySource: `method.request.header.${identity?.text('Header') ?? 'Authorization'}`,
      authorizerResultTtlInSeconds: ttlSeconds,
      ...(identityValidationExpression === undefined ? {} : { identityValidationExpression }),
    };
  }
  const sources = SOURCES.flatMap(([name, prefix]) => identity?.texts(name).map((text) => `${prefix}.${text}`) ?? []);
  if (sources.length === 0 && ttlSeconds > 0) {
    problems.error(
      settings.at('Identity'),
      `${settings.label} has no Identity: a REQUEST authorizer must name at least one of Headers, QueryStrings, StageVariables, or Context.`,
    );
  }
  return { identitySource: sources.join(', '), authorizerResultTtlInSeconds: ttlSeconds };
}

const SOURCES = [
  ['Headers', 'method.request.header'],
  ['QueryStrings', 'method.request.querystring'],
  ['StageVariables', 'stageVariables'],
  ['Context', 'context'],
] as const;

/**
 * `Auth` of an Api event.
 * @see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-apifunctionauth.html
 */
export function readEventAuth(
  properties: Properties,
  api: RestApiDraft,
  context: ReadContext,
): Pick<MethodDraft, 'authorization' | 'apiKeyRequired'> {
  const auth = properties.map('Auth');
  if (auth === undefined) return {};
  checkProperties(auth, API_EVENT_AUTH, context.problems);
  const authorization = readAuthorizer('Authorizer', auth, api, context);
  const apiKeyRequired = auth.boolean('ApiKeyRequired');
  return {
    ...(authorization === undefined ? {} : { authorization }),
    ...(apiKeyRequired === undefined ? {} : { apiKeyRequired }),
  };
}

/** NONE, AWS_IAM, or the name of one of the API's authorizers. */
function readAuthorizer(
  property: string,
  auth: Properties,
  { authorizers, options }: RestApiDraft,
  { problems }: ReadContext,
): MethodAuthorization | undefined {
  const name = auth.text(property);
  if (name === undefined) return undefined;
  if (name === 'NONE' || name === 'AWS_IAM') return { authorizationType: name };
  const authorizer = authorizers.find((candidate) => candidate.name === name);
  if (authorizer !== undefined) return { authorizationType: 'CUSTOM', authorizerId: authorizer.id };
  const message = `${property} of ${auth.label} is not supported: ${options.logicalId} has no Lambda authorizer ${name}.`;
  problems.unsupported(auth.at(property), message);
  return undefined;
}

/** Gives the API's defaults to the methods that say nothing themselves, to preflights too unless `Auth` says otherwise. */
export function applyDefaultAuth(properties: Properties, api: RestApiDraft, context: ReadContext): void {
  const auth = properties.map('Auth');
  if (auth === undefined) return;
  const authorization = readAuthorizer('DefaultAuthorizer', auth, api, context);
  const apiKeyRequired = auth.boolean('ApiKeyRequired');
  const isOfPreflight = (name: string) => auth.boolean(name) ?? true;
  const authorizesPreflight = isOfPreflight('AddDefaultAuthorizerToCorsPreflight');
  const keysPreflight = isOfPreflight('AddApiKeyRequiredToCorsPreflight');
  api.mapMethods((method) => {
    const isPreflight = method.httpMethod === 'OPTIONS';
    const isAuthorized = authorization !== undefined && (authorizesPreflight || !isPreflight);
    const isKeyed = apiKeyRequired !== undefined && (keysPreflight || !isPreflight);
    return { ...(isAuthorized ? { authorization } : {}), ...(isKeyed ? { apiKeyRequired } : {}), ...method };
  });
}
