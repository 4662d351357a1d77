import { pipeline } from 'node:stream/promises';
import { openObject } from './object-response.mjs';

/** Relays an object of any size up to Lambda's 200 MB, without ever holding more than a few chunks. */
export const handler = awslambda.streamifyResponse(async (event, responseStream) => {
  const { statusCode, headers, object, message } = await openObject(event);
  const response = awslambda.HttpResponseStream.from(responseStream, { statusCode, headers });
  // Status and headers go out with the first write. Without one (HEAD, an empty object) they would never, and the client get a 500.
  response.write('');
  if (object?.Body) {
    // If S3 breaks off, pipeline() destroys the response, and the client sees a body that is too short.
    await pipeline(object.Body, response);
    return;
  }
  if (message !== undefined && event.httpMethod !== 'HEAD') response.write(message);
  response.end();
});
