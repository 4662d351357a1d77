import { LOOPBACK_ADDRESS } from '@spillway/http';
import { type FunctionUrlConfiguration, functionUrlId, type ResponseTransferMode, type Stack } from '@spillway/wire';

export const serverUrl = (port: number): string => `http://${LOOPBACK_ADDRESS}:${port}`;

/** The form of a stage's address that every client can resolve. */
export const stageUrl = (port: number, apiId: string, stageName: string): string =>
  `${serverUrl(port)}/_aws/execute-api/${apiId}/${stageName}`;

/** The form of a function URL that every client can resolve, without the slash at its end. */
const functionUrl = (port: number, urlId: string): string => `${serverUrl(port)}/_aws/lambda-url/${urlId}`;

/** Turns the AWS address of a stage or of a function URL, wherever it stands in `text`, into the local one. */
export function withLocalUrls(text: string, port: number): string {
  return text
    .replaceAll(
      /https:\/\/([a-z0-9]{10})\.execute-api\.[a-z0-9-]+\.amazonaws\.com/g,
      (_, apiId: string) => `${serverUrl(port)}/_aws/execute-api/${apiId}`,
    )
    .replaceAll(FUNCTION_URL, (_, urlId: string) => functionUrl(port, urlId));
}

const FUNCTION_URL = /https:\/\/([a-z0-9]{32})\.lambda-url\.[a-z0-9-]+\.on\.aws/g;

/** A stack's function URL, in the form that every client can resolve. */
export interface LocalFunctionUrl extends FunctionUrlConfiguration {
  readonly url: string;
}

export function functionUrlsOf({ functionUrls = [] }: Stack, port: number): readonly LocalFunctionUrl[] {
  return functionUrls.map((configuration) => {
    const [name = '', ofName] = configuration.functionName.replace(/^.*:function:/, '').split(':');
    const qualifier = configuration.qualifier ?? ofName;
    const url = `${functionUrl(port, functionUrlId(name, qualifier))}/`;
    return { ...configuration, functionName: name, ...(qualifier !== undefined && { qualifier }), url };
  });
}

/**
 * The stack with the local address wherever an integration or a function's environment has one of its own function URLs. Those of others stay:
 * they are on AWS.
 */
export function withLocalFunctionUrls(stack: Stack, port: number): Stack {
  const known = functionUrlsOf(stack, port).map(({ url }) => url.slice(0, -1));
  if (known.length === 0) return stack;
  const local = (text: string) =>
    text.replaceAll(FUNCTION_URL, (ofAws, urlId: string) => {
      const url = functionUrl(port, urlId);
      return known.includes(url) ? url : ofAws;
    });
  const inAll = <Value>(value: Value): Value =>
    JSON.parse(JSON.stringify(value), (_, each: unknown) => (typeof each === 'string' ? local(each) : each)) as Value;
  return {
    ...stack,
    functions: stack.functions.map((each) => ({ ...each, environment: inAll(each.environment) })),
    restApis: inAll(stack.restApis),
  };
}

/** One method of one resource on one stage. */
export interface Route {
  readonly apiId: string;
  readonly stageName: string;
  readonly httpMethod: string;
  /** `/download/{key+}` */
  readonly resourcePath: string;
  readonly transferMode: ResponseTransferMode;
  /** With the parameters' names where a value belongs. */
  readonly url: string;
}

/** Every route of a stack with an integration that does some work, the STREAM ones first. */
export function routesOf(stack: Stack, port: number): readonly Route[] {
  const routes = stack.restApis.flatMap(({ restApi, stages }) =>
    stages.flatMap(({ stageName }) =>
      restApi.resources.flatMap(({ path, methods }) =>
        Object.values(methods).flatMap(({ httpMethod, integration }): readonly Route[] => {
          if (integration === undefined || integration.type === 'MOCK') return [];
          const url = `${stageUrl(port, restApi.id, stageName)}${path}`;
          const transferMode = integration.responseTransferMode;
          return [{ apiId: restApi.id, stageName, httpMethod, resourcePath: path, transferMode, url }];
        }),
      ),
    ),
  );
  return [...routes.filter(isStream), ...routes.filter((route) => !isStream(route))];
}

const isStream = (route: Route) => route.transferMode === 'STREAM';
