import type { FunctionUrlAuthType, FunctionUrlConfiguration, FunctionUrlCors } from '@spillway/wire';
import type { Properties } from '../properties.ts';
import { FUNCTION_URL_CONFIG, FUNCTION_URL_CORS, LAMBDA_URL } from '../property-support.ts';
import { propertiesOf, type ReadContext, type StackDraft } from '../read-context.ts';
import type { TemplateResource } from '../template-resource.ts';
import { checkProperties } from '../unsupported.ts';

const AUTH_TYPES: readonly FunctionUrlAuthType[] = ['AWS_IAM', 'NONE'];

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-url.html */
export function readLambdaUrl(resource: TemplateResource, draft: StackDraft, context: ReadContext): void {
  const properties = propertiesOf(resource, context);
  checkProperties(properties, LAMBDA_URL, context.problems);
  const functionName = properties.requiredText('TargetFunctionArn');
  const qualifier = properties.text('Qualifier');
  if (functionName !== undefined) addFunctionUrl(properties, functionName, qualifier, draft, context);
}

/**
 * SAM's form of it: with AuthType NONE it adds the two statements that let anyone in.
 * @see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-functionurlconfig.html
 */
export function readFunctionUrlConfig(
  { logicalId }: TemplateResource,
  ofFunction: Properties,
  functionName: string,
  draft: StackDraft,
  context: ReadContext,
): void {
  const properties = ofFunction.map('FunctionUrlConfig');
  if (properties === undefined) return;
  checkProperties(properties, FUNCTION_URL_CONFIG, context.problems);
  const authType = addFunctionUrl(properties, functionName, undefined, draft, context);
  if (authType !== 'NONE') return;
  draft.permissions.push(
    {
      functionName,
      statementId: `${logicalId}UrlPublicPermissions`,
      action: 'lambda:InvokeFunctionUrl',
      principal: '*',
      functionUrlAuthType: 'NONE',
    },
    {
      functionName,
      statementId: `${logicalId}URLInvokeAllowPublicAccess`,
      action: 'lambda:InvokeFunction',
      principal: '*',
      invokedViaFunctionUrl: true,
    },
  );
}

function addFunctionUrl(
  properties: Properties,
  functionName: string,
  qualifier: string | undefined,
  draft: StackDraft,
  context: ReadContext,
): FunctionUrlAuthType | undefined {
  properties.requiredText('AuthType');
  const authType = properties.oneOf('AuthType', AUTH_TYPES);
  const invokeMode = properties.oneOf('InvokeMode', ['BUFFERED', 'RESPONSE_STREAM']) ?? 'BUFFERED';
  const cors = readCors(properties.map('Cors'), context);
  if (authType === undefined) return undefined;
  const configuration: FunctionUrlConfiguration = {
    functionName,
    authType,
    invokeMode,
    ...(qualifier === undefined ? {} : { qualifier }),
    ...(cors === undefined ? {} : { cors }),
  };
  draft.functionUrls.push(configuration);
  return authType;
}

function readCors(properties: Properties | undefined, { problems }: ReadContext): FunctionUrlCors | undefined {
  if (properties === undefined) return undefined;
  checkProperties(properties, FUNCTION_URL_CORS, problems);
  const texts = (name: string) => (properties.has(name) ? properties.texts(name) : undefined);
  const allowMethods = texts('AllowMethods');
  if (allowMethods?.some((method) => method.length > 6)) {
    const message = `AllowMethods of ${properties.label}: no method may have more than 6 letters; OPTIONS needs no permission.`;
    problems.error(properties.at('AllowMethods'), message);
  }
  const cors = {
    allowCredentials: properties.boolean('AllowCredentials'),
    allowHeaders: texts('AllowHeaders'),
    allowMethods,
    allowOrigins: texts('AllowOrigins'),
    exposeHeaders: texts('ExposeHeaders'),
    maxAge: properties.integer('MaxAge', { min: 0, max: 86_400 }),
  };
  return Object.fromEntries(Object.entries(cors).filter(([, value]) => value !== undefined));
}
