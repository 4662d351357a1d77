import type { Integration, IntegrationResponse, Limits, Method, MethodResponse, Resource } from '@spillway/wire';

// The shapes in which AWS answers. What is empty is left out, except where AWS shows it.

/** AWS's timestamps: seconds. */
export const seconds = (timestampMs: number): number => Math.floor(timestampMs / 1000);

/** Without what is undefined, or a list or map that is empty. */
export function shown(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => !isEmpty(value)));
}

function isEmpty(value: unknown): boolean {
  if (value === undefined) return true;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

export function resourceView(
  { id, parentId, pathPart, path, methods }: Resource,
  methodsAs: (method: Method) => unknown,
): Record<string, unknown> {
  const resourceMethods = Object.fromEntries(
    Object.entries(methods).map(([name, method]) => [name, methodsAs(method)]),
  );
  return shown({ id, parentId, pathPart, path, resourceMethods });
}

export const methodView = (method: Method, resource: Resource, limits: Limits): Record<string, unknown> => ({
  httpMethod: method.httpMethod,
  authorizationType: method.authorizationType,
  apiKeyRequired: method.apiKeyRequired ?? false,
  ...shown({
    authorizerId: method.authorizerId,
    operationName: method.operationName,
    requestParameters: method.requestParameters,
    requestModels: method.requestModels,
    methodResponses: byStatus((method.methodResponses ?? []).map(methodResponseView)),
    methodIntegration:
      method.integration === undefined ? undefined : integrationView(method.integration, resource, limits),
  }),
});

const byStatus = (responses: readonly Record<string, unknown>[]) =>
  Object.fromEntries(responses.map((response) => [response['statusCode'], response]));

export const methodResponseView = ({
  statusCode,
  responseParameters,
  responseModels,
}: MethodResponse): Record<string, unknown> => shown({ statusCode, responseParameters, responseModels });

export function integrationView(integration: Integration, resource: Resource, limits: Limits): Record<string, unknown> {
  const isHttp = integration.type === 'HTTP_PROXY';
  const defaultMs =
    integration.responseTransferMode === 'STREAM'
      ? limits.streamIntegrationTimeoutMs
      : limits.bufferedIntegrationTimeoutMs;
  return {
    ...shown({
      type: integration.type,
      httpMethod: integration.httpMethod,
      uri: integration.uri,
      connectionType: integration.connectionType ?? (isHttp ? 'INTERNET' : undefined),
      credentials: integration.credentials,
      requestParameters: integration.requestParameters,
      requestTemplates: templates(integration.requestTemplates),
      contentHandling: integration.contentHandling,
      integrationResponses: byStatus(integration.integrationResponses.map(integrationResponseView)),
    }),
    passthroughBehavior: integration.passthroughBehavior,
    timeoutInMillis: integration.timeoutInMillis ?? defaultMs,
    cacheNamespace: integration.cacheNamespace ?? resource.id,
    cacheKeyParameters: integration.cacheKeyParameters ?? [],
    responseTransferMode: integration.responseTransferMode,
  };
}

export const integrationResponseView = (response: IntegrationResponse): Record<string, unknown> =>
  shown({
    statusCode: response.statusCode,
    selectionPattern: response.selectionPattern,
    responseParameters: response.responseParameters,
    responseTemplates: templates(response.responseTemplates),
  });

/** AWS shows an empty template as null. */
const templates = (given: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(given).map(([type, template]) => [type, template === '' ? null : template]));
