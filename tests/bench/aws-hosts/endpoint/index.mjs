// The same as in hosts/, by the address that the environment gives.
import { get } from 'node:http';
import { pipeline } from 'node:stream/promises';

export const handler = awslambda.streamifyResponse(async (event, responseStream) => {
  const url = `${process.env.AWS_ENDPOINT_URL_S3}/bench-hosts/${event.pathParameters.key}`;
  const object = await new Promise((resolve, reject) => get(url, resolve).on('error', reject));
  const headers = { 'Content-Length': object.headers['content-length'] };
  await pipeline(object, awslambda.HttpResponseStream.from(responseStream, { statusCode: object.statusCode, headers }));
});
