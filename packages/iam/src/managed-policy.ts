import { AwsError, stableId } from '@spillway/wire';
import { type IamStore, type ManagedPolicy, type PolicyVersion, policyArn } from './iam-store.ts';
import { encodedDocument } from './policy-document.ts';
import { listOf, timestamp, type XmlNode } from './query-response.ts';
import { tagXml } from './role-operations.ts';

/** Whether AWS makes and keeps this policy, in every account. Which ones there are is not known here. */
export const isAwsManaged = (arn: string): boolean =>
  /^arn:aws[a-z-]*:iam::aws:policy\/[\w+=,.@/-]*[\w+=,.@-]$/.test(arn);

export const policyNameOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

/** @throws AwsError `NoSuchEntity`. */
export function policyVersion(policy: ManagedPolicy, versionId: string): PolicyVersion {
  const version = policy.versions.find((candidate) => candidate.versionId === versionId);
  if (version !== undefined) return version;
  throw new AwsError('NoSuchEntity', {
    message: `Policy ${policyArn(policy)} version ${versionId} does not exist or is not attachable.`,
  });
}

/** Of a policy that AWS keeps: what its ARN tells. */
export function awsManagedXml(store: IamStore, arn: string): XmlNode {
  return {
    PolicyName: policyNameOf(arn),
    PolicyId: `ANPA${stableId(arn)}${stableId(`${arn}.`)}`.slice(0, 21).toUpperCase(),
    Arn: arn,
    Path: arn.slice(arn.indexOf('/'), arn.lastIndexOf('/') + 1),
    DefaultVersionId: 'v1',
    AttachmentCount: store.rolesWith(arn).length,
    PermissionsBoundaryUsageCount: 0,
    IsAttachable: true,
    CreateDate: timestamp(0),
    UpdateDate: timestamp(0),
  };
}

export const listedPolicyXml = (store: IamStore, policy: ManagedPolicy): Record<string, XmlNode> => ({
  PolicyName: policy.name,
  PolicyId: policy.id,
  Arn: policyArn(policy),
  Path: policy.path,
  DefaultVersionId: policy.defaultVersionId,
  AttachmentCount: store.rolesWith(policyArn(policy)).length,
  PermissionsBoundaryUsageCount: 0,
  IsAttachable: true,
  CreateDate: timestamp(policy.createdMs),
  UpdateDate: timestamp(policy.updatedMs),
});

export const policyXml = (store: IamStore, policy: ManagedPolicy): XmlNode => ({
  ...listedPolicyXml(store, policy),
  ...(policy.description === undefined ? {} : { Description: policy.description }),
  ...(policy.tags.length === 0 ? {} : { Tags: listOf(policy.tags.map(tagXml)) }),
});

/** As lists have it: without the document. */
export const listedVersionXml = (policy: ManagedPolicy, version: PolicyVersion): Record<string, XmlNode> => ({
  VersionId: version.versionId,
  IsDefaultVersion: version.versionId === policy.defaultVersionId,
  CreateDate: timestamp(version.createdMs),
});

export const versionXml = (policy: ManagedPolicy, version: PolicyVersion): XmlNode => ({
  Document: encodedDocument(version.document),
  ...listedVersionXml(policy, version),
});
