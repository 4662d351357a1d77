import { openObject } from './object-response.mjs';

/** The ordinary way: the whole object in memory, as base64 in one answer, which Lambda limits to 6 MB. */
export async function handler(event) {
  const { statusCode, headers, object, message } = await openObject(event);
  // API Gateway counts the bytes itself.
  delete headers['Content-Length'];
  if (event.httpMethod === 'HEAD') return { statusCode, headers };
  if (object === undefined) return { statusCode, headers, body: message };
  const body = await object.Body.transformToString('base64');
  return { statusCode, headers, body, isBase64Encoded: true };
}
