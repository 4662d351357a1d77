import type { Call } from './checked-call.ts';

const ROLE = { RoleName: 'walked' };
const statement = (more: object) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...more }] });
const TRUST = statement({ Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' });
const READ = statement({ Action: 's3:GetObject', Resource: '*' });

/** Every operation of IAM that is implemented. */
export async function walkIam(call: Call): Promise<void> {
  const Tags = [{ Key: 'a', Value: 'b' }];
  await call('CreateRole', { ...ROLE, AssumeRolePolicyDocument: TRUST, Description: 'd', Path: '/p/', Tags });
  await call('GetRole', ROLE);
  await call('ListRoles', { MaxItems: 1 });
  await call('UpdateRole', { ...ROLE, Description: 'changed' });
  await call('UpdateAssumeRolePolicy', { ...ROLE, PolicyDocument: TRUST });
  await call('TagRole', { ...ROLE, Tags: [{ Key: 'c', Value: 'd' }] });
  await call('ListRoleTags', ROLE);
  await call('UntagRole', { ...ROLE, TagKeys: ['c'] });
  await call('ListInstanceProfilesForRole', ROLE);
  const inline = { ...ROLE, PolicyName: 'inline' };
  await call('PutRolePolicy', { ...inline, PolicyDocument: READ });
  await call('GetRolePolicy', inline);
  await call('ListRolePolicies', ROLE);
  const made = await call('CreatePolicy', { PolicyName: 'managed', PolicyDocument: READ, Description: 'd', Tags });
  const policy = { PolicyArn: made.text('CreatePolicyResult.Policy.Arn') };
  await call('AttachRolePolicy', { ...ROLE, ...policy });
  await call('ListAttachedRolePolicies', ROLE);
  await call('ListEntitiesForPolicy', policy);
  await call('GetPolicy', policy);
  await call('ListPolicies', { Scope: 'Local' });
  await call('CreatePolicyVersion', { ...policy, PolicyDocument: READ, SetAsDefault: true });
  await call('ListPolicyVersions', policy);
  await call('GetPolicyVersion', { ...policy, VersionId: 'v1' });
  await call('DeletePolicyVersion', { ...policy, VersionId: 'v1' });
  await call('DetachRolePolicy', { ...ROLE, ...policy });
  await call('DeletePolicy', policy);
  await call('DeleteRolePolicy', inline);
  await call('DeleteRole', ROLE);
}

/** What the walk of STS takes on. */
export const SESSION_ROLE = { RoleName: 'session', AssumeRolePolicyDocument: TRUST };

/** Every operation of STS that is implemented. It needs `SESSION_ROLE`. */
export async function walkSts(call: Call): Promise<void> {
  await call('GetCallerIdentity');
  await call('GetSessionToken', { DurationSeconds: 900 });
  await call('AssumeRole', { RoleArn: 'arn:aws:iam::000000000000:role/session', RoleSessionName: 'walked' });
}
