import {
  CreateResourceCommand,
  DeleteResourceCommand,
  GetResourceCommand,
  GetResourcesCommand,
  PutMethodCommand,
  UpdateResourceCommand,
} from '@aws-sdk/client-api-gateway';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { refusal, startedControlPlane } from '../../test/started-control-plane.ts';

let restApiId: string;
let rootId: string;
const plane = await startedControlPlane();
beforeEach(async () => {
  ({ restApiId, resourceId: rootId } = await plane.createRestApi());
});
afterAll(() => plane.close());

const create = (pathPart: string, parentId = rootId) =>
  plane.client.send(new CreateResourceCommand({ restApiId, parentId, pathPart }));
const paths = async () =>
  (await plane.client.send(new GetResourcesCommand({ restApiId }))).items?.map(({ path }) => path);
const move = (resourceId: string | undefined, path: string, value: string | undefined) =>
  plane.client.send(
    new UpdateResourceCommand({
      restApiId,
      resourceId,
      patchOperations: [{ op: 'replace', path, ...(value !== undefined && { value }) }],
    }),
  );

test('a new API has the root alone; others come in the order of their paths', async () => {
  const root = await plane.client.send(new GetResourcesCommand({ restApiId }));
  expect(root.items).toEqual([{ id: rootId, path: '/' }]);
  const { $metadata, ...files } = await create('files');
  expect($metadata.httpStatusCode).toBe(201);
  expect(files).toEqual({
    id: expect.stringMatching(/^[a-z0-9]{6}$/),
    parentId: rootId,
    pathPart: 'files',
    path: '/files',
  });
  await create('{key+}', files.id);
  await create('a');
  expect(await paths()).toEqual(['/', '/a', '/files', '/files/{key+}']);
});

test('methods are named, and shown whole when they are embedded', async () => {
  const put = { restApiId, resourceId: rootId, httpMethod: 'GET', authorizationType: 'NONE' };
  await plane.client.send(new PutMethodCommand(put));
  const named = await plane.client.send(new GetResourceCommand({ restApiId, resourceId: rootId }));
  expect(named.resourceMethods).toEqual({ GET: {} });
  const whole = await plane.client.send(new GetResourceCommand({ restApiId, resourceId: rootId, embed: ['methods'] }));
  expect(whole.resourceMethods).toEqual({
    GET: { httpMethod: 'GET', authorizationType: 'NONE', apiKeyRequired: false },
  });
});

test('moving and renaming takes all below along; deleting, too', async () => {
  const { id: a } = await create('a');
  const { id: b } = await create('b', a);
  await create('c', b);
  expect(await move(a, '/pathPart', 'z')).toMatchObject({ path: '/z', pathPart: 'z' });
  expect(await paths()).toEqual(['/', '/z', '/z/b', '/z/b/c']);
  expect(await move(b, '/parentId', rootId)).toMatchObject({ path: '/b', parentId: rootId });
  expect(await paths()).toEqual(['/', '/b', '/b/c', '/z']);
  expect(await refusal(move(b, '/parentId', b))).toContain('Resources cannot be cyclic.');
  expect(await refusal(move(b, '/pathPart', 'z'))).toContain('409 ConflictException: Another resource');
  await plane.client.send(new DeleteResourceCommand({ restApiId, resourceId: b }));
  expect(await paths()).toEqual(['/', '/z']);
});

test('refused in the words of AWS', async () => {
  const { id: proxy } = await create('{proxy+}');
  await create('pets');
  expect(await refusal(create('pets'))).toBe(
    '409 ConflictException: Another resource with the same parent already has this name: pets',
  );
  expect(await refusal(create('{other}'))).toBe(
    '400 BadRequestException: A sibling ({proxy+}) of this resource already has a variable path part -- only one is allowed',
  );
  expect(await refusal(create('x', proxy))).toBe(
    '400 BadRequestException: Cannot create a child of a resource with a greedy path variable: {proxy+}',
  );
  expect(await refusal(create('a/b'))).toContain("Resource's path part only allow a-zA-Z0-9._-:");
  expect(await refusal(create('x', 'nothere'))).toBe('404 NotFoundException: Invalid Resource identifier specified');
  expect(await refusal(move(proxy, '/path', 'x'))).toBe(
    "400 BadRequestException: Invalid patch path  '/path' specified for op 'replace'. Must be one of: [/parentId, /pathPart]",
  );
  expect(await refusal(move(rootId, '/pathPart', 'x'))).toContain('Root resource cannot update its pathPart.');
});
