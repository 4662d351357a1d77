import { AwsError } from '@spillway/wire';
import { type IamStore, type Role, roleArn, uniqueId } from './iam-store.ts';
import { path, roleName, type Tag, tags, text, wholeNumber, withinLimit } from './members.ts';
import { page } from './page.ts';
import { encodedDocument, trustPolicy } from './policy-document.ts';
import type { QueryOperations } from './query-operation.ts';
import { listMembers, type QueryInput } from './query-request.ts';
import { listOf, timestamp, type XmlNode } from './query-response.ts';

const MIN_SESSION_SECONDS = 3600;
const MAX_SESSION_SECONDS = 43_200;

export function roleOperations(store: IamStore): QueryOperations {
  return {
    CreateRole: async (input) => ({ Role: newRoleXml(await createRole(store, input)) }),
    GetRole: (input) => ({ Role: roleXml(store.role(roleName(input))) }),
    ListRoles: (input) => {
      const prefix = input.get('PathPrefix') ?? '/';
      const roles = store.roles.values().filter((role) => role.path.startsWith(prefix));
      return page(input, 'Roles', roles, ({ name }) => name, listedRoleXml);
    },
    DeleteRole: (input) => deleteRole(store, roleName(input)),
    UpdateRole: async (input) => {
      await store.changeRole(roleName(input), (role) => ({ ...role, ...roleSettings(input) }));
      return {};
    },
    UpdateAssumeRolePolicy: async (input) => {
      const document = trustPolicy(input, 'PolicyDocument');
      await store.changeRole(roleName(input), (role) => ({ ...role, trustPolicy: document }));
      return undefined;
    },
    ...tagOperations(store),
    ListInstanceProfilesForRole: (input) => {
      store.role(roleName(input));
      return { InstanceProfiles: listOf([]), IsTruncated: false };
    },
  };
}

function tagOperations(store: IamStore): QueryOperations {
  return {
    TagRole: async (input) => {
      const added = tags(input);
      await store.changeRole(roleName(input), (role) => ({ ...role, tags: withTags(role.tags, added) }));
      return undefined;
    },
    UntagRole: async (input) => {
      const keys = listMembers(input, 'TagKeys').map((member) => member.get(''));
      await store.changeRole(roleName(input), (role) => ({
        ...role,
        tags: role.tags.filter(({ key }) => !keys.includes(key)),
      }));
      return undefined;
    },
    ListRoleTags: (input) => page(input, 'Tags', store.role(roleName(input)).tags, ({ key }) => key, tagXml),
  };
}

function withTags(tags: readonly Tag[], added: readonly Tag[]): readonly Tag[] {
  const keys = added.map(({ key }) => key.toLowerCase());
  return withinLimit([...tags.filter(({ key }) => !keys.includes(key.toLowerCase())), ...added]);
}

async function createRole(store: IamStore, input: QueryInput): Promise<Role> {
  const name = roleName(input);
  const permissionsBoundary = text(input, 'PermissionsBoundary', 2048);
  const role: Role = {
    name,
    path: path(input),
    id: uniqueId('AROA'),
    createdMs: Date.now(),
    trustPolicy: trustPolicy(input, 'AssumeRolePolicyDocument'),
    maxSessionSeconds: MIN_SESSION_SECONDS,
    ...roleSettings(input),
    ...(permissionsBoundary === undefined ? {} : { permissionsBoundary }),
    tags: tags(input),
    inlinePolicies: {},
    attachedPolicies: [],
  };
  await store.turns.run(async () => {
    // Names are kept as they are given, but two may not differ in case alone.
    if (store.roles.values().some((other) => other.name.toLowerCase() === name.toLowerCase())) {
      throw new AwsError('EntityAlreadyExists', { message: `Role with name ${name} already exists.` });
    }
    await store.roles.put(name, role);
  });
  return role;
}

function roleSettings(input: QueryInput): Partial<Pick<Role, 'description' | 'maxSessionSeconds'>> {
  const description = text(input, 'Description', 1000);
  const maxSessionSeconds = wholeNumber(input, 'MaxSessionDuration', MIN_SESSION_SECONDS, MAX_SESSION_SECONDS);
  return {
    ...(description === undefined ? {} : { description }),
    ...(maxSessionSeconds === undefined ? {} : { maxSessionSeconds }),
  };
}

async function deleteRole(store: IamStore, name: string): Promise<undefined> {
  await store.turns.run(async () => {
    const { attachedPolicies, inlinePolicies } = store.role(name);
    if (attachedPolicies.length > 0) {
      throw new AwsError('DeleteConflict', { message: 'Cannot delete entity, must detach all policies first.' });
    }
    if (Object.keys(inlinePolicies).length > 0) {
      throw new AwsError('DeleteConflict', { message: 'Cannot delete entity, must delete policies first.' });
    }
    await store.roles.delete(name);
  });
}

export const tagXml = ({ key, value }: Tag): XmlNode => ({ Key: key, Value: value });

/** What CreateRole answers. */
const newRoleXml = (role: Role): Record<string, XmlNode> => ({
  Path: role.path,
  RoleName: role.name,
  RoleId: role.id,
  Arn: roleArn(role),
  CreateDate: timestamp(role.createdMs),
  AssumeRolePolicyDocument: encodedDocument(role.trustPolicy),
  ...(role.description === undefined ? {} : { Description: role.description }),
  ...(role.tags.length === 0 ? {} : { Tags: listOf(role.tags.map(tagXml)) }),
});

/** What ListRoles answers of each: neither tags nor the boundary. */
const listedRoleXml = (role: Role): Record<string, XmlNode> => ({
  ...newRoleXml({ ...role, tags: [] }),
  MaxSessionDuration: role.maxSessionSeconds,
});

const roleXml = (role: Role): XmlNode => ({
  ...newRoleXml(role),
  MaxSessionDuration: role.maxSessionSeconds,
  ...(role.permissionsBoundary === undefined
    ? {}
    : {
        PermissionsBoundary: {
          PermissionsBoundaryType: 'Policy',
          PermissionsBoundaryArn: role.permissionsBoundary,
        },
      }),
  RoleLastUsed: {},
});
