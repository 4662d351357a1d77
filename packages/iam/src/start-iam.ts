import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CredentialStore, Service } from '@spillway/http';
import { AwsError, type StateStore } from '@spillway/wire';
import type { QueryOperations } from './query-operation.ts';
import { type QueryInput, readQueryInput } from './query-request.ts';
import { sendError, sendOutput } from './query-response.ts';
import { stsOperations } from './sts-operations.ts';

export interface IamOptions {
  readonly region: string;
  /** Sessions that STS opens are known here until they end. */
  readonly credentials: CredentialStore;
  /** Keeps roles and policies. */
  readonly state: StateStore;
}

interface QueryService {
  readonly version: string;
  readonly xmlNamespace: string;
  readonly operations: QueryOperations;
}

/** Starts IAM and STS. They do not listen; whoever does hands them requests. */
export async function startIam(_options: IamOptions): Promise<Service> {
  const sts: QueryService = {
    version: '2011-06-15',
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    operations: stsOperations(),
  };
  const iam: QueryService = {
    version: '2010-05-08',
    xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    operations: {},
  };
  return {
    handle: async (request, response) => handle([iam, sts], request, response),
    close: async () => {},
  };
}

async function handle(
  services: readonly [QueryService, ...QueryService[]],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const requestId = randomUUID();
  let service = services[0];
  try {
    const input = await readQueryInput(request);
    service = services.find(({ version }) => version === input.get('Version')) ?? service;
    const operationName = input.get('Action') ?? '';
    const output = await operation(service, operationName, input)(input, caller(request));
    await sendOutput(response, { operationName, xmlNamespace: service.xmlNamespace, requestId }, output);
  } catch (error) {
    await sendError(response, { xmlNamespace: service.xmlNamespace, requestId }, error).catch(() => {});
  }
}

function operation({ operations }: QueryService, name: string, input: QueryInput): QueryOperations[string] {
  const found = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (found !== undefined) return found;
  if (name === '') throw new AwsError('MissingAction');
  throw new AwsError('InvalidAction', {
    message: `Could not find operation ${name} for version ${input.get('Version') ?? '(none named)'}`,
  });
}

const caller = ({ headers: { authorization = '' } }: IncomingMessage) => ({
  accessKeyId: /\bCredential=([^/,\s]+)\//.exec(authorization)?.[1],
});
