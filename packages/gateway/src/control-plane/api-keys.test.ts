import {
  CreateApiKeyCommand,
  DeleteApiKeyCommand,
  GetApiKeyCommand,
  GetApiKeysCommand,
  UpdateApiKeyCommand,
} from '@aws-sdk/client-api-gateway';
import { afterAll, expect, test } from 'vitest';
import { refusal, startedControlPlane } from '../../test/started-control-plane.ts';

const plane = await startedControlPlane();
afterAll(() => plane.close());

test('an API key is made, read, changed and deleted; its value is shown when asked for', async () => {
  const { $metadata, ...made } = await plane.client.send(new CreateApiKeyCommand({ name: 'mine', tags: { a: 'b' } }));
  expect($metadata.httpStatusCode).toBe(201);
  expect(made).toEqual({
    id: expect.stringMatching(/^[a-z0-9]{10}$/),
    value: expect.stringMatching(/^[A-Za-z0-9]{40}$/),
    name: 'mine',
    enabled: false,
    tags: { a: 'b' },
    createdDate: expect.any(Date),
    lastUpdatedDate: expect.any(Date),
    stageKeys: [],
  });
  const { id: apiKey, value } = made;
  const patchOperations = [{ op: 'replace', path: '/enabled', value: 'true' } as const];
  await plane.client.send(new UpdateApiKeyCommand({ apiKey, patchOperations }));
  const hidden = await plane.client.send(new GetApiKeyCommand({ apiKey }));
  expect(hidden).toMatchObject({ enabled: true });
  expect(hidden.value).toBeUndefined();
  expect(await plane.client.send(new GetApiKeyCommand({ apiKey, includeValue: true }))).toMatchObject({ value });
  const values = async (input: object) =>
    (await plane.client.send(new GetApiKeysCommand(input))).items?.map((item) => item.value);
  expect(await values({})).toEqual([undefined]);
  expect(await values({ includeValues: true, nameQuery: 'mi' })).toEqual([value]);
  expect(await values({ nameQuery: 'other' })).toEqual([]);
  await plane.client.send(new DeleteApiKeyCommand({ apiKey }));
  expect(await refusal(plane.client.send(new GetApiKeyCommand({ apiKey })))).toBe(
    '404 NotFoundException: Invalid API Key identifier specified',
  );
});

test.each([
  ['x'.repeat(19), 'API Key value should be at least 20 characters'],
  ['x'.repeat(129), 'API Key value exceeds maximum size of 128 characters'],
])('a value is refused: %s', async (value, message) => {
  expect(await refusal(plane.client.send(new CreateApiKeyCommand({ value })))).toBe(
    `400 BadRequestException: ${message}`,
  );
});
