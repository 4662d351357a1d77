import {
  DeleteGatewayResponseCommand,
  GetGatewayResponseCommand,
  GetGatewayResponsesCommand,
  PutGatewayResponseCommand,
  UpdateGatewayResponseCommand,
} from '@aws-sdk/client-api-gateway';
import { afterAll, expect, test } from 'vitest';
import { refusal, startedControlPlane } from '../../test/started-control-plane.ts';

const plane = await startedControlPlane();
afterAll(() => plane.close());

test.each([
  [{ statusCode: '100' }, 'statusCode 100 of a gateway response is not supported here'],
  [
    { responseParameters: { 'gatewayresponse.header.Content-Length': "'5'" } },
    'gatewayresponse.header.Content-Length, which says where the body ends is not supported here',
  ],
  [
    { responseParameters: { 'gatewayresponse.header.transfer-encoding': "'chunked'" } },
    'gatewayresponse.header.transfer-encoding, which says where the body ends is not supported here',
  ],
])('a gateway response with %j, which no client could read, is refused', async (more, message) => {
  const { restApiId } = await plane.createRestApi();
  const put = new PutGatewayResponseCommand({ restApiId, responseType: 'ACCESS_DENIED', ...more });
  expect(await refusal(plane.client.send(put))).toBe(`400 BadRequestException: ${message}`);
});

test('gateway responses: all types are listed, those that are set are not default', async () => {
  const { restApiId } = await plane.createRestApi();
  const at = { restApiId, responseType: 'ACCESS_DENIED' } as const;
  const { $metadata: _, ...byDefault } = await plane.client.send(new GetGatewayResponseCommand(at));
  expect(byDefault).toEqual({
    responseType: 'ACCESS_DENIED',
    statusCode: '403',
    defaultResponse: true,
    responseParameters: {},
    responseTemplates: { 'application/json': '{"message":$context.error.messageString}' },
  });
  await plane.client.send(new PutGatewayResponseCommand({ ...at, statusCode: '404' }));
  const name = 'gatewayresponse.header.Access-Control-Allow-Origin';
  const patchOperations = [{ op: 'add', path: `/responseParameters/${name}`, value: "'*'" } as const];
  await plane.client.send(new UpdateGatewayResponseCommand({ ...at, patchOperations }));
  const { items = [] } = await plane.client.send(new GetGatewayResponsesCommand({ restApiId }));
  expect(items).toHaveLength(21);
  expect(items.filter(({ defaultResponse }) => !defaultResponse)).toMatchObject([
    { responseType: 'ACCESS_DENIED', statusCode: '404', responseParameters: { [name]: "'*'" } },
  ]);
  await plane.client.send(new DeleteGatewayResponseCommand(at));
  expect(await refusal(plane.client.send(new DeleteGatewayResponseCommand(at)))).toBe(
    '404 NotFoundException: Gateway response type not defined on api',
  );
});
