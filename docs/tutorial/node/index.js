const { pipeline } = require('node:stream/promises');
const { GetObjectCommand, S3Client } = require('@aws-sdk/client-s3');
// biome-ignore lint/correctness/noUndeclaredDependencies: the function's layer holds it.
const { attachment } = require('attachment');

const s3 = new S3Client({ requestHandler: { connectionTimeout: 5_000, socketTimeout: 300_000 } });

exports.handler = awslambda.streamifyResponse(async (event, responseStream) => {
  // S3 is asked first: when the stream has begun, no error can be told any more.
  const { statusCode, headers, body } = await answer(event);
  const response = awslambda.HttpResponseStream.from(responseStream, { statusCode, headers });
  // Status and headers go out with the first write, also when the body is empty.
  response.write('');
  if (body === undefined) response.end();
  else await pipeline(body, response);
});

async function answer({ httpMethod, pathParameters }) {
  const key = decodeURIComponent(pathParameters.key);
  try {
    const object = await s3.send(new GetObjectCommand({ Bucket: process.env.BUCKET_NAME, Key: key }));
    if (httpMethod === 'HEAD') object.Body.destroy();
    const headers = {
      'Content-Type': object.ContentType ?? 'application/octet-stream',
      'Content-Length': String(object.ContentLength),
      'Content-Disposition': attachment(key),
      'X-Content-Type-Options': 'nosniff',
      ETag: object.ETag,
    };
    return { statusCode: 200, headers, body: httpMethod === 'HEAD' ? undefined : object.Body };
  } catch (error) {
    console.error(error);
    const [statusCode, message] =
      error.name === 'NoSuchKey' ? [404, 'There is no such object.'] : [502, 'S3 could not be read.'];
    const body = JSON.stringify({ message });
    const headers = { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) };
    return { statusCode, headers, body: httpMethod === 'HEAD' ? undefined : [body] };
  }
}
