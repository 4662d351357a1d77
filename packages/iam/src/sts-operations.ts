import { randomBytes } from 'node:crypto';
import type { CredentialStore } from '@spillway/http';
import { ACCOUNT_ID, AwsError } from '@spillway/wire';
import { type IamStore, roleArn, uniqueId } from './iam-store.ts';
import { refuse, required, requiredName, wholeNumber } from './members.ts';
import type { Caller, QueryOperations } from './query-operation.ts';
import type { QueryInput } from './query-request.ts';
import { timestamp, type XmlNode } from './query-response.ts';

/** Who a session is. */
interface Identity {
  readonly arn: string;
  readonly userId: string;
}

/** What an `ASIA` key opened. All end with the process. */
export class Sessions {
  readonly #credentials: CredentialStore;
  readonly #identities = new Map<string, Identity>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(credentials: CredentialStore) {
    this.#credentials = credentials;
  }

  identity({ accessKeyId = '' }: Caller): Identity {
    return this.#identities.get(accessKeyId) ?? { arn: `arn:aws:iam::${ACCOUNT_ID}:root`, userId: ACCOUNT_ID };
  }

  /** Makes credentials that end by themselves, as STS answers them. */
  open(identity: Identity, durationSeconds: number): XmlNode {
    const accessKeyId = uniqueId('ASIA', 16);
    const secretAccessKey = randomBytes(30).toString('base64');
    const sessionToken = randomBytes(96).toString('base64');
    this.#credentials.add({ accessKeyId, secretAccessKey, sessionToken });
    this.#identities.set(accessKeyId, identity);
    const timer = setTimeout(() => this.#end(accessKeyId), durationSeconds * 1000);
    this.#timers.set(accessKeyId, timer.unref());
    return {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: sessionToken,
      Expiration: timestamp(Date.now() + durationSeconds * 1000),
    };
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #end(accessKeyId: string): void {
    this.#credentials.remove(accessKeyId);
    this.#identities.delete(accessKeyId);
    this.#timers.delete(accessKeyId);
  }
}

export function stsOperations(store: IamStore, sessions: Sessions): QueryOperations {
  return {
    GetCallerIdentity: (_, caller) => {
      const { arn, userId } = sessions.identity(caller);
      return { Arn: arn, UserId: userId, Account: ACCOUNT_ID };
    },
    GetSessionToken: (input, caller) => getSessionToken(sessions, input, caller),
    AssumeRole: (input, caller) => assumeRole(store, sessions, input, caller),
  };
}

function getSessionToken(sessions: Sessions, input: QueryInput, caller: Caller): Record<string, XmlNode> {
  refuse(input, 'SerialNumber', 'TokenCode');
  const durationSeconds = wholeNumber(input, 'DurationSeconds', 900, 129_600) ?? 43_200;
  return { Credentials: sessions.open(sessions.identity(caller), durationSeconds) };
}

/** What would narrow a session down or mark it; an `ExternalId` is for the trust policy, which is not asked. */
const NOT_OF_SESSIONS = [
  ...['Policy', 'PolicyArns', 'Tags', 'TransitiveTagKeys', 'SourceIdentity'],
  ...['SerialNumber', 'TokenCode', 'ProvidedContexts'],
];

function assumeRole(store: IamStore, sessions: Sessions, input: QueryInput, caller: Caller): Record<string, XmlNode> {
  const [arn, sessionName] = [required(input, 'RoleArn'), requiredName(input, 'RoleSessionName', 64, 2)];
  refuse(input, ...NOT_OF_SESSIONS);
  const durationSeconds = wholeNumber(input, 'DurationSeconds', 900, 43_200) ?? 3600;
  const role = store.roles.values().find((candidate) => roleArn(candidate) === arn);
  // AWS does not say whether a role is missing or does not trust its caller.
  if (role === undefined) {
    throw new AwsError('AccessDenied', {
      message: `User: ${sessions.identity(caller).arn} is not authorized to perform: sts:AssumeRole on resource: ${arn}`,
    });
  }
  if (durationSeconds > role.maxSessionSeconds) {
    throw new AwsError('ValidationError', {
      message: 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    });
  }
  const identity = {
    arn: `arn:aws:sts::${ACCOUNT_ID}:assumed-role/${role.name}/${sessionName}`,
    userId: `${role.id}:${sessionName}`,
  };
  return {
    Credentials: sessions.open(identity, durationSeconds),
    AssumedRoleUser: { AssumedRoleId: identity.userId, Arn: identity.arn },
  };
}
