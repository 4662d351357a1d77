import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListEntitiesForPolicyCommand,
  ListInstanceProfilesForRoleCommand,
  ListPoliciesCommand,
  ListPolicyVersionsCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
  ListRoleTagsCommand,
  ListUsersCommand,
  PutRolePolicyCommand,
  paginateListRoles,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { CredentialStore, type Listener, listen, type Service } from '@spillway/http';
import { MemoryState } from '@spillway/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startIam } from './start-iam.ts';

const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
const READ = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:Get*', Resource: ['arn:aws:s3:::b/*'] }],
});
const AWS_POLICY = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';

let service: Service;
let listener: Listener;
let iam: IAMClient;
let state: MemoryState;
let credentials: CredentialStore;

const options = (accessKeyId = 'test') => ({
  endpoint: `http://127.0.0.1:${listener.port}`,
  region: 'us-east-1',
  credentials: { accessKeyId, secretAccessKey: 'test' },
  maxAttempts: 1,
});

async function start(): Promise<void> {
  service = await startIam({ credentials, state });
  listener = await listen({ port: 0, handle: (request, response) => void service.handle(request, response) });
  iam = new IAMClient(options());
}

async function stop(): Promise<void> {
  iam.destroy();
  await listener.close();
  await service.close();
}

beforeEach(async () => {
  state = new MemoryState();
  credentials = new CredentialStore();
  await start();
});
afterEach(stop);

const createRole = (RoleName: string, more: object = {}) =>
  iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: TRUST, ...more }));
const createPolicy = (PolicyName: string, more: object = {}) =>
  iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument: READ, ...more }));
const refusal = (Code: string, message: string | RegExp, status = 400) => ({
  name: Code,
  message: typeof message === 'string' ? message : expect.stringMatching(message),
  $metadata: expect.objectContaining({ httpStatusCode: status }),
});

describe('roles', () => {
  it('are made, read, changed and deleted', async () => {
    const { Role } = await createRole('one', {
      Path: '/team/',
      Description: 'a <b> & "c"',
      Tags: [{ Key: 'k', Value: '' }],
    });
    expect(Role).toEqual({
      Path: '/team/',
      RoleName: 'one',
      RoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}$/),
      Arn: 'arn:aws:iam::000000000000:role/team/one',
      CreateDate: expect.any(Date),
      AssumeRolePolicyDocument: encodeURIComponent(TRUST),
      Description: 'a <b> & "c"',
      Tags: [{ Key: 'k', Value: '' }],
    });
    await iam.send(new UpdateRoleCommand({ RoleName: 'one', MaxSessionDuration: 7200 }));
    const deny = TRUST.replace('Allow', 'Deny');
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'one', PolicyDocument: deny }));
    const read = await iam.send(new GetRoleCommand({ RoleName: 'one' }));
    expect(read.Role).toMatchObject({
      RoleId: Role?.RoleId,
      MaxSessionDuration: 7200,
      RoleLastUsed: {},
      AssumeRolePolicyDocument: encodeURIComponent(deny),
    });
    await iam.send(new DeleteRoleCommand({ RoleName: 'one' }));
    await expect(iam.send(new GetRoleCommand({ RoleName: 'one' }))).rejects.toMatchObject(
      refusal('NoSuchEntityException', 'The role with name one cannot be found.', 404),
    );
  });

  it('are listed by path, page by page', async () => {
    for (let n = 0; n < 7; n += 1) await createRole(`role-${n}`, { Path: n < 5 ? '/a/' : '/' });
    const names: (string | undefined)[] = [];
    for await (const page of paginateListRoles({ client: iam, pageSize: 2 }, { PathPrefix: '/a/' })) {
      names.push(...(page.Roles ?? []).map(({ RoleName }) => RoleName));
      // What is deleted meanwhile shifts nothing.
      if (names.length === 2) await iam.send(new DeleteRoleCommand({ RoleName: 'role-0' }));
    }
    expect(names).toEqual(['role-0', 'role-1', 'role-2', 'role-3', 'role-4']);
    expect(await iam.send(new ListRolesCommand({}))).toMatchObject({ IsTruncated: false });
    await expect(iam.send(new ListRolesCommand({ Marker: 'x' }))).rejects.toMatchObject(
      refusal('ValidationError', /Marker/),
    );
    await expect(iam.send(new ListRolesCommand({ MaxItems: 1001 }))).rejects.toMatchObject(
      refusal('ValidationError', /'maxItems'.*less than or equal to 1000/),
    );
  });

  it('have tags, told apart without case', async () => {
    await createRole('one', { Tags: [{ Key: 'a', Value: '1' }] });
    await iam.send(
      new TagRoleCommand({
        RoleName: 'one',
        Tags: [
          { Key: 'A', Value: '2' },
          { Key: 'b', Value: 'ü' },
        ],
      }),
    );
    expect((await iam.send(new ListRoleTagsCommand({ RoleName: 'one' }))).Tags).toEqual([
      { Key: 'A', Value: '2' },
      { Key: 'b', Value: 'ü' },
    ]);
    await iam.send(new UntagRoleCommand({ RoleName: 'one', TagKeys: ['A'] }));
    expect((await iam.send(new GetRoleCommand({ RoleName: 'one' }))).Role?.Tags).toEqual([{ Key: 'b', Value: 'ü' }]);
    const many = Array.from({ length: 50 }, (_, n) => ({ Key: `k${n}`, Value: '' }));
    await expect(iam.send(new TagRoleCommand({ RoleName: 'one', Tags: many }))).rejects.toMatchObject(
      refusal('LimitExceededException', /50/, 409),
    );
  });

  it('are refused as IAM refuses them', async () => {
    await createRole('one');
    await expect(createRole('ONE')).rejects.toMatchObject(
      refusal('EntityAlreadyExistsException', 'Role with name ONE already exists.', 409),
    );
    await expect(createRole('a b')).rejects.toMatchObject(
      refusal('ValidationError', /^The specified value for roleName/),
    );
    await expect(createRole('x'.repeat(65))).rejects.toMatchObject(
      refusal('ValidationError', /less than or equal to 64/),
    );
    await expect(createRole('two', { Path: 'team' })).rejects.toMatchObject(
      refusal('ValidationError', /path is invalid/),
    );
    for (const [document, message] of [
      ['{', 'This policy contains invalid Json'],
      ['[]', 'Syntax errors in policy.'],
      [READ, 'Has prohibited field Resource'],
      [TRUST.replace('2012', '2013'), 'The policy must contain a valid version string'],
      [TRUST.replace('Principal', 'Other'), 'Missing required field Principal'],
    ] as const) {
      await expect(createRole('two', { AssumeRolePolicyDocument: document })).rejects.toMatchObject(
        refusal('MalformedPolicyDocumentException', message),
      );
    }
  });

  it('of one name are made once, however many ask at a time', async () => {
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => createRole('one')));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('policies of a role', () => {
  it('are put, read, listed and deleted', async () => {
    await createRole('one');
    const name = { RoleName: 'one', PolicyName: 'inline' };
    await iam.send(new PutRolePolicyCommand({ ...name, PolicyDocument: READ }));
    const read = await iam.send(new GetRolePolicyCommand(name));
    expect(decodeURIComponent(read.PolicyDocument ?? '')).toBe(READ);
    expect(read).toMatchObject(name);
    expect((await iam.send(new ListRolePoliciesCommand({ RoleName: 'one' }))).PolicyNames).toEqual(['inline']);
    await expect(iam.send(new DeleteRoleCommand({ RoleName: 'one' }))).rejects.toMatchObject(
      refusal('DeleteConflictException', 'Cannot delete entity, must delete policies first.', 409),
    );
    await iam.send(new DeleteRolePolicyCommand(name));
    for (const command of [new GetRolePolicyCommand(name), new DeleteRolePolicyCommand(name)]) {
      await expect(iam.send(command as GetRolePolicyCommand)).rejects.toMatchObject(
        refusal('NoSuchEntityException', 'The role policy with name inline cannot be found.', 404),
      );
    }
    await expect(iam.send(new PutRolePolicyCommand({ ...name, PolicyDocument: TRUST }))).rejects.toMatchObject(
      refusal('MalformedPolicyDocumentException', 'Policy document should not specify a principal.'),
    );
  });

  it("are attached, AWS's own too, and detached", async () => {
    await createRole('one');
    const { Policy } = await createPolicy('read');
    const PolicyArn = Policy?.Arn ?? '';
    for (const arn of [PolicyArn, PolicyArn, AWS_POLICY]) {
      await iam.send(new AttachRolePolicyCommand({ RoleName: 'one', PolicyArn: arn }));
    }
    expect((await iam.send(new ListAttachedRolePoliciesCommand({ RoleName: 'one' }))).AttachedPolicies).toEqual([
      { PolicyName: 'AWSLambdaBasicExecutionRole', PolicyArn: AWS_POLICY },
      { PolicyName: 'read', PolicyArn },
    ]);
    expect((await iam.send(new GetPolicyCommand({ PolicyArn }))).Policy?.AttachmentCount).toBe(1);
    expect((await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn }))).PolicyRoles).toMatchObject([
      { RoleName: 'one' },
    ]);
    for (const filter of [{ EntityFilter: 'User' }, { PathPrefix: '/other/' }] as const) {
      const { PolicyRoles } = await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn, ...filter }));
      expect(PolicyRoles ?? []).toEqual([]);
    }
    const PolicyUsageFilter = 'PermissionsBoundary';
    await expect(iam.send(new ListEntitiesForPolicyCommand({ PolicyArn, PolicyUsageFilter }))).rejects.toThrow(
      'Spillway does not support PolicyUsageFilter.',
    );
    await expect(iam.send(new ListPoliciesCommand({ PolicyUsageFilter }))).rejects.toThrow('PolicyUsageFilter');
    await expect(iam.send(new ListEntitiesForPolicyCommand({ PolicyArn: `${PolicyArn}x` }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
    });
    await expect(iam.send(new DeleteRoleCommand({ RoleName: 'one' }))).rejects.toMatchObject(
      refusal('DeleteConflictException', 'Cannot delete entity, must detach all policies first.', 409),
    );
    await expect(iam.send(new DeletePolicyCommand({ PolicyArn }))).rejects.toMatchObject(
      refusal('DeleteConflictException', 'Cannot delete a policy attached to entities.', 409),
    );
    for (const arn of [PolicyArn, AWS_POLICY]) {
      await iam.send(new DetachRolePolicyCommand({ RoleName: 'one', PolicyArn: arn }));
    }
    await expect(iam.send(new DetachRolePolicyCommand({ RoleName: 'one', PolicyArn }))).rejects.toMatchObject(
      refusal('NoSuchEntityException', `Policy ${PolicyArn} was not found.`, 404),
    );
    const missing = 'arn:aws:iam::000000000000:policy/missing';
    await expect(iam.send(new AttachRolePolicyCommand({ RoleName: 'one', PolicyArn: missing }))).rejects.toMatchObject(
      refusal('NoSuchEntityException', `Policy ${missing} does not exist or is not attachable.`, 404),
    );
    expect(await iam.send(new ListInstanceProfilesForRoleCommand({ RoleName: 'one' }))).toMatchObject({
      InstanceProfiles: [],
      IsTruncated: false,
    });
  });
});

describe('managed policies', () => {
  it('have versions', async () => {
    const { Policy } = await createPolicy('read', { Path: '/p/', Description: 'd', Tags: [{ Key: 'k', Value: 'v' }] });
    const PolicyArn = Policy?.Arn ?? '';
    expect(Policy).toMatchObject({
      Arn: 'arn:aws:iam::000000000000:policy/p/read',
      DefaultVersionId: 'v1',
      IsAttachable: true,
    });
    const second = READ.replace('Get*', 'Put*');
    await iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: second, SetAsDefault: true }));
    const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: 'v2' }));
    expect(PolicyVersion).toMatchObject({ VersionId: 'v2', IsDefaultVersion: true });
    expect(decodeURIComponent(PolicyVersion?.Document ?? '')).toBe(second);
    const { Versions } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn }));
    expect(Versions?.map(({ VersionId, IsDefaultVersion }) => [VersionId, IsDefaultVersion])).toEqual([
      ['v2', true],
      ['v1', false],
    ]);
    await expect(iam.send(new DeletePolicyCommand({ PolicyArn }))).rejects.toMatchObject(
      refusal('DeleteConflictException', /more than one version/, 409),
    );
    await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v1' }));
    await iam.send(new DeletePolicyCommand({ PolicyArn }));
    await expect(iam.send(new GetPolicyCommand({ PolicyArn }))).rejects.toMatchObject(
      refusal('NoSuchEntityException', `Policy ${PolicyArn} was not found.`, 404),
    );
  });

  it("are listed; of AWS's own, those in use", async () => {
    await createPolicy('read');
    await createRole('one');
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'one', PolicyArn: AWS_POLICY }));
    const names = async (input: object) =>
      (await iam.send(new ListPoliciesCommand(input))).Policies?.map(({ PolicyName }) => PolicyName);
    expect(await names({ Scope: 'Local' })).toEqual(['read']);
    expect(await names({ Scope: 'AWS' })).toEqual(['AWSLambdaBasicExecutionRole']);
    expect(await names({ OnlyAttached: true })).toEqual(['AWSLambdaBasicExecutionRole']);
    expect(await names({})).toHaveLength(2);
    expect((await iam.send(new GetPolicyCommand({ PolicyArn: AWS_POLICY }))).Policy).toMatchObject({
      Path: '/service-role/',
      AttachmentCount: 1,
    });
    await expect(
      iam.send(new GetPolicyVersionCommand({ PolicyArn: AWS_POLICY, VersionId: 'v1' })),
    ).rejects.toMatchObject(refusal('NoSuchEntityException', /managed by AWS/, 404));
    await expect(createPolicy('READ')).rejects.toMatchObject(
      refusal('EntityAlreadyExistsException', /called READ/, 409),
    );
  });
});

it('keeps what it has over a restart', async () => {
  await createRole('one', { Tags: [{ Key: 'k', Value: 'v' }] });
  await createPolicy('read');
  await iam.send(new PutRolePolicyCommand({ RoleName: 'one', PolicyName: 'p', PolicyDocument: READ }));
  const before = await iam.send(new GetRoleCommand({ RoleName: 'one' }));
  await stop();
  await start();
  expect((await iam.send(new GetRoleCommand({ RoleName: 'one' }))).Role).toEqual(before.Role);
  expect((await iam.send(new ListRolePoliciesCommand({ RoleName: 'one' }))).PolicyNames).toEqual(['p']);
  expect((await iam.send(new ListPoliciesCommand({}))).Policies).toHaveLength(1);
});

it('names an operation that is missing', async () => {
  await expect(iam.send(new ListUsersCommand({}))).rejects.toMatchObject(
    refusal('InvalidAction', 'Could not find operation ListUsers for version 2010-05-08'),
  );
});

describe('STS', () => {
  const identity = (accessKeyId: string) => new STSClient(options(accessKeyId)).send(new GetCallerIdentityCommand({}));

  it('says who calls: the root of the account', async () => {
    expect(await identity('any')).toMatchObject({
      Account: '000000000000',
      Arn: 'arn:aws:iam::000000000000:root',
      UserId: '000000000000',
    });
  });

  it('opens a session of a role, whose credentials are known', async () => {
    const { Role } = await createRole('one');
    const sts = new STSClient(options());
    const assume = (more: object) =>
      sts.send(new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'me', ...more }));
    const { Credentials, AssumedRoleUser } = await assume({ DurationSeconds: 900 });
    expect(AssumedRoleUser).toEqual({
      Arn: 'arn:aws:sts::000000000000:assumed-role/one/me',
      AssumedRoleId: `${Role?.RoleId}:me`,
    });
    expect(credentials.find(Credentials?.AccessKeyId ?? '')).toEqual({
      accessKeyId: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/),
      secretAccessKey: Credentials?.SecretAccessKey,
      sessionToken: Credentials?.SessionToken,
    });
    expect(await identity(Credentials?.AccessKeyId ?? '')).toMatchObject({ Arn: AssumedRoleUser?.Arn });
    await expect(assume({ RoleArn: `${Role?.Arn}-missing` })).rejects.toMatchObject(
      refusal('AccessDenied', /not authorized to perform: sts:AssumeRole/, 403),
    );
    await expect(assume({ RoleSessionName: 'm' })).rejects.toMatchObject(
      refusal('ValidationError', /'roleSessionName'.*greater than or equal to 2/),
    );
    await expect(assume({ DurationSeconds: 7200 })).rejects.toMatchObject(
      refusal('ValidationError', /MaxSessionDuration/),
    );
    const session = await sts.send(new GetSessionTokenCommand({}));
    expect(credentials.find(session.Credentials?.AccessKeyId ?? '')).toBeDefined();
  });

  it.each([
    ['Policy', { Policy: READ }],
    ['PolicyArns', { PolicyArns: [{ arn: AWS_POLICY }] }],
    ['Tags', { Tags: [{ Key: 'a', Value: 'b' }] }],
    ['TransitiveTagKeys', { TransitiveTagKeys: ['a'] }],
    ['SourceIdentity', { SourceIdentity: 'me' }],
    ['SerialNumber', { SerialNumber: 'arn:aws:iam::000000000000:mfa/me', TokenCode: '123456' }],
  ])('refuses %s of a session by name', async (name, more) => {
    const { Role } = await createRole('one');
    const assume = new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'me', ...more });
    await expect(new STSClient(options()).send(assume)).rejects.toMatchObject(
      refusal('ValidationError', `Spillway does not support ${name}. Leave it out.`),
    );
  });

  it('refuses MFA of GetSessionToken by name', async () => {
    const get = new GetSessionTokenCommand({ SerialNumber: 'arn:aws:iam::000000000000:mfa/me', TokenCode: '123456' });
    await expect(new STSClient(options()).send(get)).rejects.toThrow('does not support SerialNumber');
  });
});
