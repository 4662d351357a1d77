import { AwsError } from '@spillway/wire';
import { type IamStore, type ManagedPolicy, type PolicyVersion, policyArn, uniqueId } from './iam-store.ts';
import {
  awsManagedXml,
  isAwsManaged,
  listedPolicyXml,
  listedVersionXml,
  policyVersion,
  policyXml,
  versionXml,
} from './managed-policy.ts';
import { flag, oneOf, path, policyName, refuse, required, tags, text } from './members.ts';
import { page } from './page.ts';
import { identityPolicy } from './policy-document.ts';
import type { QueryOperations } from './query-operation.ts';
import type { QueryInput } from './query-request.ts';
import type { QueryOutput } from './query-response.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MAX_VERSIONS = 5;

export function policyOperations(store: IamStore): QueryOperations {
  return {
    CreatePolicy: async (input) => ({ Policy: policyXml(store, await createPolicy(store, input)) }),
    GetPolicy: (input) => {
      const arn = required(input, 'PolicyArn');
      return { Policy: isAwsManaged(arn) ? awsManagedXml(store, arn) : policyXml(store, store.policy(arn)) };
    },
    ListPolicies: (input) => listPolicies(store, input),
    DeletePolicy: (input) => deletePolicy(store, required(input, 'PolicyArn')),
    ListEntitiesForPolicy: (input) => {
      const kind = oneOf(input, 'EntityFilter', ENTITY_FILTERS) ?? 'Role';
      refuse(input, 'PolicyUsageFilter');
      const prefix = input.get('PathPrefix') ?? '/';
      const arn = existing(store, required(input, 'PolicyArn'));
      const attached = store.rolesWith(arn).filter((role) => role.path.startsWith(prefix));
      const roles = kind === 'Role' ? attached : [];
      const toXml = ({ name, id }: (typeof roles)[number]) => ({ RoleName: name, RoleId: id });
      return { PolicyGroups: '', PolicyUsers: '', ...page(input, 'PolicyRoles', roles, ({ name }) => name, toXml) };
    },
    ...versionOperations(store),
  };
}

/** There are roles only. */
const ENTITY_FILTERS = ['User', 'Role', 'Group', 'LocalManagedPolicy', 'AWSManagedPolicy'];

/** @throws AwsError `NoSuchEntity`. */
function existing(store: IamStore, arn: string): string {
  if (!isAwsManaged(arn)) store.policy(arn);
  return arn;
}

function versionOperations(store: IamStore): QueryOperations {
  return {
    GetPolicyVersion: (input) => {
      const [arn, versionId] = [required(input, 'PolicyArn'), required(input, 'VersionId')];
      if (isAwsManaged(arn)) throw noDocument(arn);
      const policy = store.policy(arn);
      return { PolicyVersion: versionXml(policy, policyVersion(policy, versionId)) };
    },
    ListPolicyVersions: (input) => {
      const arn = required(input, 'PolicyArn');
      if (isAwsManaged(arn)) throw noDocument(arn);
      const policy = store.policy(arn);
      // The newest first, as IAM lists them.
      const key = ({ versionId }: PolicyVersion) => String(1_000_000 - Number(versionId.slice(1)));
      return page(input, 'Versions', policy.versions, key, (version) => listedVersionXml(policy, version));
    },
    CreatePolicyVersion: (input) => createPolicyVersion(store, input),
    DeletePolicyVersion: async (input) => {
      const versionId = required(input, 'VersionId');
      await changePolicy(store, required(input, 'PolicyArn'), (policy) => {
        policyVersion(policy, versionId);
        if (versionId === policy.defaultVersionId) {
          throw new AwsError('DeleteConflict', { message: 'Cannot delete the default version of a policy.' });
        }
        return { ...policy, versions: policy.versions.filter((version) => version.versionId !== versionId) };
      });
      return undefined;
    },
  };
}

const noDocument = (arn: string) =>
  new AwsError('NoSuchEntity', {
    message: `Policy ${arn} is managed by AWS; Spillway lets it be attached and does not have its document.`,
  });

async function createPolicy(store: IamStore, input: QueryInput): Promise<ManagedPolicy> {
  const name = policyName(input);
  const description = text(input, 'Description', 1000);
  const createdMs = Date.now();
  const policy: ManagedPolicy = {
    name,
    path: path(input),
    id: uniqueId('ANPA'),
    ...(description === undefined ? {} : { description }),
    createdMs,
    updatedMs: createdMs,
    tags: tags(input),
    versions: [{ versionId: 'v1', document: identityPolicy(input), createdMs }],
    defaultVersionId: 'v1',
    nextVersion: 2,
  };
  await store.turns.run(async () => {
    if (store.policies.values().some((other) => other.name.toLowerCase() === name.toLowerCase())) {
      throw new AwsError('EntityAlreadyExists', {
        message: `A policy called ${name} already exists. Duplicate names are not allowed.`,
      });
    }
    await store.policies.put(policyArn(policy), policy);
  });
  return policy;
}

async function createPolicyVersion(store: IamStore, input: QueryInput): Promise<QueryOutput> {
  const document = identityPolicy(input);
  const changed = await changePolicy(store, required(input, 'PolicyArn'), (policy) => {
    if (policy.versions.length >= MAX_VERSIONS) {
      throw new AwsError('LimitExceeded', {
        message: `A managed policy can have up to ${MAX_VERSIONS} versions. Before you create a new version, you must delete an existing version.`,
      });
    }
    const version = { versionId: `v${policy.nextVersion}`, document, createdMs: Date.now() };
    return {
      ...policy,
      updatedMs: version.createdMs,
      versions: [...policy.versions, version],
      defaultVersionId: flag(input, 'SetAsDefault') ? version.versionId : policy.defaultVersionId,
      nextVersion: policy.nextVersion + 1,
    };
  });
  return { PolicyVersion: listedVersionXml(changed, policyVersion(changed, `v${changed.nextVersion - 1}`)) };
}

async function changePolicy(
  store: IamStore,
  arn: string,
  change: (policy: ManagedPolicy) => ManagedPolicy,
): Promise<ManagedPolicy> {
  return store.turns.run(async () => {
    const changed = change(store.policy(arn));
    await store.policies.put(arn, changed);
    return changed;
  });
}

async function deletePolicy(store: IamStore, arn: string): Promise<undefined> {
  await store.turns.run(async () => {
    const { versions } = store.policy(arn);
    if (store.rolesWith(arn).length > 0) {
      throw new AwsError('DeleteConflict', { message: 'Cannot delete a policy attached to entities.' });
    }
    if (versions.length > 1) {
      throw new AwsError('DeleteConflict', {
        message:
          "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
      });
    }
    await store.policies.delete(arn);
  });
}

/** Of AWS's own policies only those that are attached: no others are known here. */
function listPolicies(store: IamStore, input: QueryInput): QueryOutput {
  const scope = oneOf(input, 'Scope', ['All', 'AWS', 'Local']) ?? 'All';
  refuse(input, 'PolicyUsageFilter');
  const prefix = input.get('PathPrefix') ?? '/';
  const ours = store.policies
    .values()
    .map((policy) => ({ arn: policyArn(policy), xml: listedPolicyXml(store, policy) }));
  const attachedArns = new Set(store.roles.values().flatMap(({ attachedPolicies }) => attachedPolicies));
  const awsOnes = [...attachedArns].filter(isAwsManaged).map((arn) => ({ arn, xml: awsManagedXml(store, arn) }));
  const all = [...(scope === 'AWS' ? [] : ours), ...(scope === 'Local' ? [] : awsOnes)]
    .filter(({ arn }) => arn.slice(arn.indexOf('/')).startsWith(prefix))
    .filter(({ arn }) => !flag(input, 'OnlyAttached') || attachedArns.has(arn));
  return page(
    input,
    'Policies',
    all,
    ({ arn }) => arn,
    ({ xml }) => xml,
  );
}
