import type { Authorizer } from '@spillway/wire';
import { AUTHORIZER } from '../authorization-support.ts';
import type { Properties } from '../properties.ts';
import { propertiesOf, type ReadContext, type StackDraft } from '../read-context.ts';
import { resourceId } from '../references.ts';
import type { TemplateResource } from '../template-resource.ts';
import { checkProperties } from '../unsupported.ts';
import { apiOf } from './api-of.ts';

/** What is cached how long where nobody says otherwise, seconds. */
export const DEFAULT_TTL_SECONDS = 300;
export const TTL_RANGE = { min: 0, max: 3600 } as const;

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-authorizer.html */
export function readAuthorizer(resource: TemplateResource, draft: StackDraft, context: ReadContext): void {
  const properties = propertiesOf(resource, context);
  checkProperties(properties, AUTHORIZER, context.problems);
  const api = apiOf(properties, draft, context);
  const type = readType(properties, context);
  const name = properties.requiredText('Name');
  if (type === undefined || name === undefined) return;
  const authorizerUri = properties.requiredText('AuthorizerUri');
  const authorizerCredentials = properties.text('AuthorizerCredentials');
  const identityValidationExpression = properties.text('IdentityValidationExpression');
  const ttlSeconds = properties.integer('AuthorizerResultTtlInSeconds', TTL_RANGE) ?? DEFAULT_TTL_SECONDS;
  const identitySource = readIdentitySource(properties, type, ttlSeconds, context);
  if (authorizerUri === undefined) return;
  api?.authorizers.push({
    id: resourceId(`${context.stackName}/${resource.logicalId}`),
    name,
    type,
    authorizerUri,
    authorizerResultTtlInSeconds: ttlSeconds,
    ...(identitySource === undefined ? {} : { identitySource }),
    ...(authorizerCredentials === undefined ? {} : { authorizerCredentials }),
    ...(identityValidationExpression === undefined ? {} : { identityValidationExpression }),
  });
}

function readType(properties: Properties, { problems }: ReadContext): Authorizer['type'] | undefined {
  if (!properties.has('Type')) problems.error(properties.start, `${properties.label} has no Type.`);
  const type = properties.oneOf('Type', ['TOKEN', 'REQUEST', 'COGNITO_USER_POOLS']);
  if (type !== 'COGNITO_USER_POOLS') return type;
  const message = `Type ${type} of ${properties.label} is not supported: Cognito authorizers are not emulated.`;
  problems.unsupported(properties.at('Type'), message);
  return undefined;
}

/** Without a cache a REQUEST authorizer needs none. */
function readIdentitySource(
  properties: Properties,
  type: Authorizer['type'],
  ttlSeconds: number,
  { problems }: ReadContext,
): string | undefined {
  const given = properties.text('IdentitySource');
  if (!properties.has('IdentitySource') && (type === 'TOKEN' || ttlSeconds > 0)) {
    problems.error(properties.start, `${properties.label} has no IdentitySource.`);
  }
  return given;
}
