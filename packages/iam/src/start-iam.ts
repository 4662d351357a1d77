// IAM roles and policies, and STS, as far as deployment scripts and tools need them.
//
// Same as AWS, checked with its SDK and CLI: the operations of role-operations, role-policy-operations, policy-operations and sts-operations,
// the query protocol, answers by IAM's model, the errors that callers tell apart, pages, names that differ in case alone.
// On purpose: roles and policies are stored and NOT ENFORCED: whoever calls may do everything, and AssumeRole does not ask the trust policy.
// Any policy of AWS's own (arn:aws:iam::aws:policy/...) can be attached; its document is not known here. Whoever calls is the account's root,
// but for sessions that STS opened here; they end with the process.
// Missing, refused by name (InvalidAction): users, groups, access keys, instance profiles, identity providers, simulation, and all else;
// (ValidationError): session policies, tags and source identities of sessions, MFA, filters by usage. Of documents only the shape is checked.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CredentialStore, Service } from '@spillway/http';
import { AwsError, type StateStore } from '@spillway/wire';
import { IamStore } from './iam-store.ts';
import { policyOperations } from './policy-operations.ts';
import type { QueryOperations } from './query-operation.ts';
import { type QueryInput, readQueryInput } from './query-request.ts';
import { sendError, sendOutput } from './query-response.ts';
import { roleOperations } from './role-operations.ts';
import { rolePolicyOperations } from './role-policy-operations.ts';
import { Sessions, stsOperations } from './sts-operations.ts';

export interface IamOptions {
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
export async function startIam({ credentials, state }: IamOptions): Promise<Service> {
  const store = new IamStore(state);
  const sessions = new Sessions(credentials);
  const sts: QueryService = {
    version: '2011-06-15',
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    operations: stsOperations(store, sessions),
  };
  const iam: QueryService = {
    version: '2010-05-08',
    xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    operations: { ...roleOperations(store), ...rolePolicyOperations(store), ...policyOperations(store) },
  };
  return {
    handle: async (request, response) => handle([iam, sts], request, response),
    close: async () => sessions.close(),
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
