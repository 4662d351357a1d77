import {
  CreateRestApiCommand,
  type CreateRestApiCommandInput,
  DeleteRestApiCommand,
  GetRestApiCommand,
  GetRestApisCommand,
  paginateGetRestApis,
  UpdateRestApiCommand,
} from '@aws-sdk/client-api-gateway';
import { afterAll, describe, expect, it } from 'vitest';
import { refusal, startedControlPlane } from '../../test/started-control-plane.ts';

const plane = await startedControlPlane();
afterAll(() => plane.close());

const create = (input: Omit<CreateRestApiCommandInput, 'name'> = {}) =>
  plane.client.send(new CreateRestApiCommand({ name: 'files', ...input }));
const patch = async (restApiId: string | undefined, op: string, path: string, value?: string) =>
  plane.client.send(
    new UpdateRestApiCommand({ restApiId, patchOperations: [{ op: op as 'add', path, ...(value && { value }) }] }),
  );

describe('REST APIs', () => {
  it('are made with the defaults of AWS', async () => {
    const { $metadata, ...restApi } = await create();
    expect($metadata.httpStatusCode).toBe(201);
    expect(restApi).toEqual({
      id: expect.stringMatching(/^[a-z0-9]{10}$/),
      name: 'files',
      createdDate: expect.any(Date),
      apiKeySource: 'HEADER',
      endpointConfiguration: { types: ['EDGE'], ipAddressType: 'ipv4' },
      disableExecuteApiEndpoint: false,
      rootResourceId: expect.stringMatching(/^[a-z0-9]{10}$/),
      apiStatus: 'AVAILABLE',
    });
  });

  it('are read back, with tags also where there are none', async () => {
    const { $metadata: _, ...made } = await create({
      description: 'd',
      version: '1',
      binaryMediaTypes: ['image/png'],
      endpointConfiguration: { types: ['PRIVATE'] },
    });
    expect(made).toMatchObject({
      binaryMediaTypes: ['image/png'],
      endpointConfiguration: { ipAddressType: 'dualstack' },
    });
    expect(await plane.client.send(new GetRestApiCommand({ restApiId: made.id }))).toMatchObject({ ...made, tags: {} });
  });

  it('are changed by patches, all or none', async () => {
    const { id } = await create({ binaryMediaTypes: ['a/b'] });
    const patched = await plane.client.send(
      new UpdateRestApiCommand({
        restApiId: id,
        patchOperations: [
          { op: 'replace', path: '/name', value: 'other' },
          { op: 'add', path: '/binaryMediaTypes/image~1png' },
          { op: 'remove', path: '/binaryMediaTypes/a~1b' },
          { op: 'replace', path: '/disableExecuteApiEndpoint', value: 'true' },
          { op: 'replace', path: '/endpointConfiguration/types/EDGE', value: 'REGIONAL' },
        ],
      }),
    );
    expect(patched).toMatchObject({
      name: 'other',
      binaryMediaTypes: ['image/png'],
      disableExecuteApiEndpoint: true,
      endpointConfiguration: { types: ['REGIONAL'] },
      tags: {},
    });
    const halfWrong = new UpdateRestApiCommand({
      restApiId: id,
      patchOperations: [
        { op: 'replace', path: '/name', value: 'third' },
        { op: 'replace', path: '/id', value: 'x' },
      ],
    });
    expect(await refusal(plane.client.send(halfWrong))).toMatch(
      /^400 BadRequestException: Invalid patch path {2}'\/id' specified for op 'replace'\. Must be one of: \[.*\/name.*\]$/,
    );
    expect(await plane.client.send(new GetRestApiCommand({ restApiId: id }))).toMatchObject({ name: 'other' });
  });

  it('come in pages', async () => {
    await Promise.all([create(), create(), create()]);
    const ids: (string | undefined)[] = [];
    for await (const page of paginateGetRestApis({ client: plane.client, pageSize: 2 }, {})) {
      expect(page.items?.length).toBeLessThanOrEqual(2);
      ids.push(...(page.items ?? []).map(({ id }) => id));
    }
    const all = (await plane.client.send(new GetRestApisCommand({ limit: 500 }))).items ?? [];
    expect(ids).toEqual(all.map(({ id }) => id));
    expect(new Set(ids).size).toBe(all.length);
  });

  it('are gone when deleted', async () => {
    const { id } = await create();
    const { $metadata } = await plane.client.send(new DeleteRestApiCommand({ restApiId: id }));
    expect($metadata.httpStatusCode).toBe(202);
    expect(await refusal(plane.client.send(new GetRestApiCommand({ restApiId: id })))).toBe(
      `404 NotFoundException: Invalid API identifier specified 000000000000:${id}`,
    );
  });
});

describe('refused in the words of AWS', () => {
  it.each<[Omit<CreateRestApiCommandInput, 'name'>, string]>([
    [{ description: '' }, 'Description cannot be an empty string'],
    [{ minimumCompressionSize: -1 }, 'Invalid minimum compression size, must be between 0 and 10485760'],
    [{ minimumCompressionSize: 5 }, 'minimumCompressionSize is not supported here: the gateway does not compress'],
    [{ policy: '{}' }, 'policy is not supported here'],
    [{ endpointConfiguration: { types: ['EDGE', 'REGIONAL'] } }, 'Cannot create an api with multiple Endpoint Types.'],
    [
      { endpointConfiguration: { types: [] } },
      'REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.',
    ],
    [
      { endpointConfiguration: { types: ['PRIVATE'], ipAddressType: 'ipv4' } },
      'Only dualstack ipAddressType is supported for Private APIs.',
    ],
  ])('CreateRestApi %j', async (input, message) => {
    expect(await refusal(create(input))).toBe(`400 BadRequestException: ${message}`);
  });

  it.each([
    ['add', '/minimumCompressionSize', '', 'Invalid patch operation specified. Must be one of: [replace]'],
    ['replace', '/minimumCompressionSize', 'x', 'Invalid minimum compression size, must be between 0 and 10485760'],
    ['replace', '/policy', '{}', 'policy is not supported here'],
  ])('UpdateRestApi %s %s %s', async (op, path, value, message) => {
    const { id } = await create();
    expect(await refusal(patch(id, op, path, value))).toBe(`400 BadRequestException: ${message}`);
  });

  it('an op that is none', async () => {
    const { id } = await create();
    expect(await refusal(patch(id, 'wrong', '/name', 'x'))).toBe(
      "400 ValidationException: 1 validation error detected: Value 'wrong' at 'updateRestApiInput.patchOperations.1.member.op' failed to satisfy constraint: Member must satisfy enum value set: [add, remove, move, test, replace, copy]",
    );
  });

  it('what it has no operation for', async () => {
    const answers = await Promise.all(
      ['/usageplans', '/usageplans/x/keys', '/restapis/x/stages/y/exports/oas30', '/nothing'].map(async (path) => {
        const response = await fetch(`${plane.url}${path}`);
        return [response.status, response.headers.get('x-amzn-errortype'), await response.json()];
      }),
    );
    expect(answers).toEqual([
      [400, 'BadRequestException', { message: 'GetUsagePlans is not supported here' }],
      [400, 'BadRequestException', { message: 'GetUsagePlanKeys is not supported here' }],
      [400, 'BadRequestException', { message: 'GetExport is not supported here' }],
      [
        404,
        'UnknownOperationException',
        { message: 'API Gateway has no operation GET /nothing, or Spillway does not know it.' },
      ],
    ]);
  });

  it('a body that is no JSON, or too large', async () => {
    const post = async (body: string) => {
      const response = await fetch(`${plane.url}/restapis`, { method: 'POST', body });
      return [response.status, response.headers.get('x-amzn-errortype')];
    };
    expect(await post('{')).toEqual([400, 'SerializationException']);
    expect(await post('{"name": 5}')).toEqual([400, 'SerializationException']);
    expect(await post(' '.repeat(6 * 1_048_576 + 1))).toEqual([400, 'BadRequestException']);
  });
});
