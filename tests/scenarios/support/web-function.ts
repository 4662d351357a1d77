import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A function behind the web adapter's layer. Its code is a directory `app/`, its one route `GET /{proxy+}` streams. */
export interface WebFunction {
  readonly runtime: string;
  /** By name in the package; `run.sh` is among them. */
  readonly files: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly handler?: string;
  readonly memorySizeMb?: number;
}

/** The logical ID of a web function under test. */
export const WEB_FUNCTION = 'WebFunction';

export function webFunctionFiles(web: WebFunction): Record<string, string> {
  const variables = {
    AWS_LAMBDA_EXEC_WRAPPER: '/opt/bootstrap',
    AWS_LWA_INVOKE_MODE: 'response_stream',
    PORT: '8080',
    ...web.environment,
  };
  const get = {
    Type: 'Api',
    Properties: {
      RestApiId: { Ref: 'Api' },
      Path: '/{proxy+}',
      Method: 'GET',
      ResponseTransferMode: 'RESPONSE_STREAM',
      TimeoutInMillis: 900_000,
    },
  };
  const template = {
    Transform: 'AWS::Serverless-2016-10-31',
    Resources: {
      Api: {
        Type: 'AWS::Serverless::Api',
        Properties: { StageName: 'prod', EndpointConfiguration: { Type: 'REGIONAL' } },
      },
      [WEB_FUNCTION]: {
        Type: 'AWS::Serverless::Function',
        Properties: {
          CodeUri: 'app',
          Handler: web.handler ?? 'run.sh',
          Runtime: web.runtime,
          Timeout: 900,
          MemorySize: web.memorySizeMb ?? 512,
          Layers: ['arn:aws:lambda:us-east-1:753240598075:layer:LambdaAdapterLayerX86:27'],
          Environment: { Variables: variables },
          Events: { Get: get },
        },
      },
    },
  };
  const code = Object.entries(web.files).map(([name, text]) => [`app/${name}`, text] as const);
  return { 'template.yaml': JSON.stringify(template, null, 2), ...Object.fromEntries(code) };
}

/** A server of the test that answers when it is told to. */
export interface Gate {
  readonly url: string;
  /** The next request that came, or comes, for `path`, still without an answer. */
  asked(path: string): Promise<ServerResponse>;
  close(): void;
}

export async function openGate(): Promise<Gate> {
  const waiting = new Map<string, ServerResponse[]>();
  const server: Server = createServer((request, response) => {
    const path = request.url ?? '';
    waiting.set(path, [...(waiting.get(path) ?? []), response]);
    server.emit('asked');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: async (path) => {
      while (true) {
        const response = waiting.get(path)?.shift();
        if (response !== undefined) return response;
        await once(server, 'asked');
      }
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
