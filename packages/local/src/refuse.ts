import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendBytes, sendJson } from '@spillway/http';
import { AwsError } from '@spillway/wire';
import { credentialScope } from './credential-scope.ts';
import { isForm } from './find-service.ts';

/** An answer for what reaches no service, in a shape that the caller's SDK reads. Node throws away the body of a request that nobody reads. */
export async function refuse(response: ServerResponse, error: unknown): Promise<void> {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const known = error instanceof AwsError ? error : new AwsError('InternalError', { cause: error });
  const requestId = randomUUID();
  const headers = [
    ['x-amzn-RequestId', requestId],
    ['x-amzn-ErrorType', known.code],
  ] as const;
  if (credentialScope(response.req)?.service === 's3') {
    const xml = `<Error>${elements({ Code: known.code, Message: known.message, ...known.details, RequestId: requestId })}</Error>`;
    await sendBytes(response, known.status, [['Content-Type', 'application/xml']], Buffer.from(xml));
    return;
  }
  if (!readsXml(response.req)) {
    await sendJson(response, known.status, { __type: known.code, message: known.message }, headers);
    return;
  }
  const xml = errorXml(known, requestId);
  await sendBytes(response, known.status, [['Content-Type', 'text/xml'], ...headers], Buffer.from(xml));
}

/** Services that we lack and that answer in XML to what is no form. */
const XML_SERVICES: readonly (string | undefined)[] = ['cloudfront', 'route53'];

const readsXml = (request: IncomingMessage) =>
  isForm(request) || XML_SERVICES.includes(credentialScope(request)?.service);

/** @see https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#operation-error-serialization */
function errorXml({ code, message, status }: AwsError, requestId: string): string {
  const type = status >= 500 ? 'Receiver' : 'Sender';
  const error = elements({ Type: type, Code: QUERY_CODES[code] ?? code, Message: message });
  return `<ErrorResponse><Error>${error}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
}

/** What the query protocol calls the faults of signatures. */
const QUERY_CODES: Readonly<Record<string, string>> = {
  ExpiredTokenException: 'ExpiredToken',
  IncompleteSignatureException: 'IncompleteSignature',
  InvalidSignatureException: 'SignatureDoesNotMatch',
  MissingAuthenticationTokenException: 'MissingAuthenticationToken',
  UnrecognizedClientException: 'InvalidClientTokenId',
};

const elements = (values: Readonly<Record<string, string | number>>) =>
  Object.entries(values)
    .map(([name, value]) => `<${name}>${escaped(String(value))}</${name}>`)
    .join('');

/** Names come from the request: they may hold anything but what a header can't. */
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
