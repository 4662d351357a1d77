import { randomBytes } from 'node:crypto';
import { ACCOUNT_ID, AwsError, type StateStore, Turns } from '@spillway/wire';
import { Documents } from './documents.ts';
import type { Tag } from './members.ts';

/** A role, as it is kept. */
export interface Role {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly createdMs: number;
  readonly trustPolicy: string;
  readonly description?: string;
  readonly maxSessionSeconds: number;
  readonly permissionsBoundary?: string;
  readonly tags: readonly Tag[];
  /** Documents by name. */
  readonly inlinePolicies: Readonly<Record<string, string>>;
  /** ARNs. */
  readonly attachedPolicies: readonly string[];
}

/** A policy that can be attached, as it is kept. */
export interface ManagedPolicy {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly description?: string;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly tags: readonly Tag[];
  readonly versions: readonly PolicyVersion[];
  readonly defaultVersionId: string;
  readonly nextVersion: number;
}

export interface PolicyVersion {
  readonly versionId: string;
  readonly document: string;
  readonly createdMs: number;
}

/** Roles by name, policies by ARN. */
export class IamStore {
  readonly roles: Documents<Role>;
  readonly policies: Documents<ManagedPolicy>;
  readonly turns: Turns = new Turns();

  constructor(state: StateStore) {
    this.roles = new Documents(state.table<Role>('iam-roles'));
    this.policies = new Documents(state.table<ManagedPolicy>('iam-policies'));
  }

  /** @throws AwsError `NoSuchEntity`. */
  role(name: string): Role {
    const role = this.roles.get(name);
    if (role !== undefined) return role;
    throw new AwsError('NoSuchEntity', { message: `The role with name ${name} cannot be found.` });
  }

  /** @throws AwsError `NoSuchEntity`. */
  policy(arn: string): ManagedPolicy {
    const policy = this.policies.get(arn);
    if (policy !== undefined) return policy;
    throw new AwsError('NoSuchEntity', { message: `Policy ${arn} was not found.` });
  }

  /** Replaces a role by what `change` makes of it. @throws AwsError `NoSuchEntity`; what `change` throws. */
  async changeRole(name: string, change: (role: Role) => Role): Promise<void> {
    await this.turns.run(() => this.roles.put(name, change(this.role(name))));
  }

  rolesWith(policyArn: string): readonly Role[] {
    return this.roles.values().filter(({ attachedPolicies }) => attachedPolicies.includes(policyArn));
  }
}

export const roleArn = ({ path, name }: Pick<Role, 'path' | 'name'>): string =>
  `arn:aws:iam::${ACCOUNT_ID}:role${path}${name}`;

export const policyArn = ({ path, name }: Pick<ManagedPolicy, 'path' | 'name'>): string =>
  `arn:aws:iam::${ACCOUNT_ID}:policy${path}${name}`;

/** `AROA` and 17 letters and digits, as IAM makes them. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html */
export function uniqueId(prefix: 'AROA' | 'ANPA' | 'ASIA', characters = 17): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return prefix + [...randomBytes(characters)].map((byte) => alphabet.charAt(byte % 32)).join('');
}
