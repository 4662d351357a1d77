import type { GatewayResponse } from '@spillway/wire';
import type { Properties } from './properties.ts';
import type { ReadContext } from './read-context.ts';

/** Reads `x-amazon-apigateway-gateway-responses`, by response type. */
export function readGatewayResponses(responses: Properties | undefined, { problems }: ReadContext): GatewayResponse[] {
  if (responses === undefined) return [];
  return responses.names.flatMap((responseType) => {
    const properties = responses.map(responseType);
    if (properties === undefined) return [];
    for (const name of properties.names) {
      if (['statusCode', 'responseParameters', 'responseTemplates'].includes(name)) continue;
      problems.unsupported(properties.at(name), `${name} of ${properties.label} is not supported.`);
    }
    const statusCode = properties.text('statusCode');
    return {
      responseType,
      ...(statusCode === undefined ? {} : { statusCode }),
      responseParameters: properties.record('responseParameters'),
      responseTemplates: properties.record('responseTemplates'),
    };
  });
}
