// The least a function can do: relay the object as it comes.
import { get } from 'node:http';
import { pipeline } from 'node:stream/promises';

export const handler = awslambda.streamifyResponse(async (event, responseStream) => {
  const url = `${process.env.AWS_ENDPOINT_URL_S3}/${process.env.BUCKET_NAME}/${event.pathParameters.key}`;
  const object = await new Promise((resolve, reject) => get(url, resolve).on('error', reject));
  const headers = { 'Content-Type': 'application/octet-stream', 'Content-Length': object.headers['content-length'] };
  await pipeline(object, awslambda.HttpResponseStream.from(responseStream, { statusCode: 200, headers }));
});
