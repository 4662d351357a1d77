import type { Authorizer } from '@spillway/wire';
import type { Properties } from './properties.ts';
import type { ReadContext } from './read-context.ts';
import { resourceId } from './references.ts';
import type { MethodDraft, RestApiDraft } from './rest-api-draft.ts';

const AUTH_TYPE = 'x-amazon-apigateway-authtype';
const AUTHORIZER = 'x-amazon-apigateway-authorizer';
const AUTH = 'x-amazon-apigateway-auth';
const DEFAULT_TTL_SECONDS = 300;
const MAX_TTL_SECONDS = 3600;

type Security = Pick<MethodDraft, 'authorization' | 'apiKeyRequired'>;

/** What each security scheme asks of a method, by the scheme's name; undefined for one that is not served. */
export type SecuritySchemes = ReadonlyMap<string, Security | undefined>;

/**
 * Reads the security schemes of a document; their authorizers go into the draft. What is not served is reported where an operation uses it.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html
 */
export function readSecuritySchemes(root: Properties, draft: RestApiDraft, context: ReadContext): SecuritySchemes {
  const schemes = root.map('securityDefinitions') ?? root.map('components')?.map('securitySchemes');
  if (schemes === undefined) return new Map();
  return new Map(
    schemes.names.map((name) => {
      const scheme = schemes.map(name);
      return [name, scheme === undefined ? undefined : readScheme(name, scheme, draft, context)];
    }),
  );
}

function readScheme(name: string, scheme: Properties, draft: RestApiDraft, context: ReadContext): Security | undefined {
  const authType = scheme.text(AUTH_TYPE);
  if (authType?.toLowerCase() === 'awssigv4') return { authorization: { authorizationType: 'AWS_IAM' } };
  const settings = scheme.map(AUTHORIZER);
  if (settings !== undefined) {
    const authorizer = readAuthorizer(name, scheme, settings, draft, context);
    if (authorizer === undefined) return undefined;
    draft.authorizers.push(authorizer);
    return { authorization: { authorizationType: 'CUSTOM', authorizerId: authorizer.id } };
  }
  const isApiKey = scheme.text('type') === 'apiKey' && scheme.text('name')?.toLowerCase() === 'x-api-key';
  return isApiKey && authType === undefined ? { apiKeyRequired: true } : undefined;
}

/** Undefined when it is one that Spillway cannot serve; that was reported. */
function readAuthorizer(
  name: string,
  scheme: Properties,
  settings: Properties,
  draft: RestApiDraft,
  { problems }: ReadContext,
): Authorizer | undefined {
  const type = settings.text('type')?.toUpperCase();
  if (type !== 'TOKEN' && type !== 'REQUEST') {
    const message = `Authorizer ${name} of type ${settings.text('type')} is not supported: token and request are.`;
    problems.unsupported(settings.at('type'), message);
    return undefined;
  }
  const identitySource =
    settings.text('identitySource') ??
    (type === 'TOKEN' ? `method.request.header.${scheme.text('name') ?? 'Authorization'}` : undefined);
  const credentials = settings.text('authorizerCredentials');
  const expression = settings.text('identityValidationExpression');
  return {
    id: resourceId(`${draft.options.id}/authorizers/${name}`),
    name,
    type,
    authorizerUri: settings.requiredText('authorizerUri') ?? '',
    authorizerResultTtlInSeconds:
      settings.integer('authorizerResultTtlInSeconds', { min: 0, max: MAX_TTL_SECONDS }) ?? DEFAULT_TTL_SECONDS,
    ...(identitySource === undefined ? {} : { identitySource }),
    ...(credentials === undefined ? {} : { authorizerCredentials: credentials }),
    ...(expression === undefined ? {} : { identityValidationExpression: expression }),
  };
}

/** What an operation asks of its callers. An API key may stand beside an authorizer or IAM. */
export function readSecurity(operation: Properties, schemes: SecuritySchemes, context: ReadContext): Security {
  const asked = [
    ...namesOf(operation).map((name) => readUsed(name, operation, schemes, context)),
    readAuth(operation, context),
  ];
  const authorization = asked.find((security) => security?.authorization !== undefined)?.authorization;
  return {
    ...(authorization === undefined ? {} : { authorization }),
    ...(asked.some((security) => security?.apiKeyRequired) ? { apiKeyRequired: true } : {}),
  };
}

const namesOf = (operation: Properties): string[] =>
  operation.list('security').flatMap((item) => (item.kind === 'map' ? [...item.entries.keys()] : []));

function readUsed(name: string, operation: Properties, schemes: SecuritySchemes, { problems }: ReadContext) {
  const scheme = schemes.get(name);
  if (scheme === undefined) {
    const reason = schemes.has(name) ? 'Lambda authorizers, awsSigv4 and x-api-key are' : 'it has no security scheme';
    problems.unsupported(
      operation.at('security'),
      `security ${name} of ${operation.label} is not supported: ${reason}.`,
    );
  }
  return scheme;
}

/** `x-amazon-apigateway-auth` names a type of its own. */
function readAuth(operation: Properties, { problems }: ReadContext): Security | undefined {
  const type = operation.map(AUTH)?.text('type')?.toUpperCase();
  if (type === undefined || type === 'NONE') return undefined;
  if (type === 'AWS_IAM') return { authorization: { authorizationType: 'AWS_IAM' } };
  const message = `${AUTH} ${type} of ${operation.label} is not supported: NONE and AWS_IAM are.`;
  problems.unsupported(operation.at(AUTH), message);
  return undefined;
}
