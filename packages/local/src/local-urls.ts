import { LOOPBACK_ADDRESS } from '@spillway/http';
import type { ResponseTransferMode, Stack } from '@spillway/wire';

export const serverUrl = (port: number): string => `http://${LOOPBACK_ADDRESS}:${port}`;

/** The form of a stage's address that every client can resolve. */
export const stageUrl = (port: number, apiId: string, stageName: string): string =>
  `${serverUrl(port)}/_aws/execute-api/${apiId}/${stageName}`;

/** Turns the AWS address of a stage, wherever it stands in `text`, into the local one. */
export function withLocalUrls(text: string, port: number): string {
  return text.replaceAll(
    /https:\/\/([a-z0-9]{10})\.execute-api\.[a-z0-9-]+\.amazonaws\.com/g,
    (_, apiId: string) => `${serverUrl(port)}/_aws/execute-api/${apiId}`,
  );
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
