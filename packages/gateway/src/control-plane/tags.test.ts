import { GetTagsCommand, TagResourceCommand, UntagResourceCommand } from '@aws-sdk/client-api-gateway';
import { afterAll, expect, test } from 'vitest';
import { REGION, refusal, startedControlPlane } from '../../test/started-control-plane.ts';

const plane = await startedControlPlane();
afterAll(() => plane.close());

test('tags of a REST API', async () => {
  const { restApiId } = await plane.createRestApi();
  const resourceArn = `arn:aws:apigateway:${REGION}::/restapis/${restApiId}`;
  await plane.client.send(new TagResourceCommand({ resourceArn, tags: { a: '1', b: '2', c: '3' } }));
  await plane.client.send(new UntagResourceCommand({ resourceArn, tagKeys: ['a', 'c'] }));
  expect((await plane.client.send(new GetTagsCommand({ resourceArn }))).tags).toEqual({ b: '2' });
  expect(await refusal(plane.client.send(new GetTagsCommand({ resourceArn: 'arn:aws:x' })))).toBe(
    '400 BadRequestException: Invalid ARN specified in the request',
  );
});
