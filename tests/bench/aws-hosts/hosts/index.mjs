// As tutorials have it: the address of a bucket on AWS.
import { get } from 'node:https';
import { pipeline } from 'node:stream/promises';

export const handler = awslambda.streamifyResponse(async (event, responseStream) => {
  const url = `https://bench-hosts.s3.us-east-1.amazonaws.com/${event.pathParameters.key}`;
  const object = await new Promise((resolve, reject) => get(url, resolve).on('error', reject));
  const headers = { 'Content-Length': object.headers['content-length'] };
  await pipeline(object, awslambda.HttpResponseStream.from(responseStream, { statusCode: object.statusCode, headers }));
});
