// The SDK, and no address.
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';

const client = new S3Client({});

export const handler = awslambda.streamifyResponse(async (event, responseStream) => {
  const object = await client.send(new GetObjectCommand({ Bucket: 'bench-hosts', Key: event.pathParameters.key }));
  const headers = { 'Content-Length': String(object.ContentLength) };
  await pipeline(object.Body, awslambda.HttpResponseStream.from(responseStream, { statusCode: 200, headers }));
});
