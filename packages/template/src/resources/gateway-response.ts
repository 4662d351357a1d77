import type { GatewayResponse } from '@spillway/wire';
import {
  GATEWAY_RESPONSE,
  SERVERLESS_GATEWAY_RESPONSE,
  SERVERLESS_RESPONSE_PARAMETERS,
} from '../authorization-support.ts';
import type { Properties } from '../properties.ts';
import { propertiesOf, type ReadContext, type StackDraft } from '../read-context.ts';
import type { RestApiDraft } from '../rest-api-draft.ts';
import type { TemplateResource } from '../template-resource.ts';
import { checkProperties } from '../unsupported.ts';
import { apiOf } from './api-of.ts';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-gatewayresponse.html */
export function readGatewayResponse(resource: TemplateResource, draft: StackDraft, context: ReadContext): void {
  const properties = propertiesOf(resource, context);
  checkProperties(properties, GATEWAY_RESPONSE, context.problems);
  const api = apiOf(properties, draft, context);
  const responseType = properties.requiredText('ResponseType');
  if (responseType === undefined) return;
  api?.gatewayResponses.push(gatewayResponse(responseType, properties, properties.record('ResponseParameters')));
}

/**
 * `GatewayResponses` of an `AWS::Serverless::Api`, by response type.
 * @see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-gatewayresponse.html
 */
export function readGatewayResponses(properties: Properties, api: RestApiDraft, { problems }: ReadContext): void {
  const responses = properties.map('GatewayResponses');
  for (const responseType of responses?.names ?? []) {
    const response = responses?.map(responseType);
    if (response === undefined) continue;
    checkProperties(response, SERVERLESS_GATEWAY_RESPONSE, problems);
    const parameters = response.map('ResponseParameters');
    if (parameters !== undefined) checkProperties(parameters, SERVERLESS_RESPONSE_PARAMETERS, problems);
    const headers = Object.entries(parameters?.record('Headers') ?? {});
    const responseParameters = headers.map(([name, value]) => [`gatewayresponse.header.${name}`, value]);
    api.gatewayResponses.push(gatewayResponse(responseType, response, Object.fromEntries(responseParameters)));
  }
}

function gatewayResponse(
  responseType: string,
  properties: Properties,
  responseParameters: Readonly<Record<string, string>>,
): GatewayResponse {
  const statusCode = properties.text('StatusCode');
  return {
    responseType,
    responseParameters,
    responseTemplates: properties.record('ResponseTemplates'),
    ...(statusCode === undefined ? {} : { statusCode }),
  };
}
