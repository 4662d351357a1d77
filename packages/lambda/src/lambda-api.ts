// The Lambda API over HTTP, in REST-JSON.
//
// Same as AWS, by the service's model, by recordings of its answers, and checked with its SDK and CLI: Invoke and
// InvokeWithResponseStream; functions, their versions, aliases and layers; policies, function URLs, tags and reserved concurrency; states
// and revisions, defaults, limits and error messages; the reads that tools make of every function.
// On purpose: a function settles 0.1 s after a change at the earliest, and the old code serves until then. Whatever is made here is kept in
// the state directory; a function of a template is read and changed the same way, and is the template's again at the next start. Its code
// is shown as the zip that its directory would be. A role is kept and gives no rights. Locations of code are our own, for ten minutes.
// A list has at most 50 items a page.
// Missing, refused by name: images, event source mappings, provisioned concurrency, settings of asynchronous invocation, code signing, SnapStart, VPCs,
// tracing, file systems, KMS keys, dead letter queues, aliases of two versions, policies of layers, versions of S3 objects, and what is
// listed in control-plane/unsupported-operations.ts.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { findRestOperation, requestTarget, restQuery, sendJson } from '@spillway/http';
import { AwsError } from '@spillway/wire';
import { accountOperations } from './control-plane/account-operations.ts';
import { aliasOperations } from './control-plane/alias-operations.ts';
import { codeOperations } from './control-plane/code-locations.ts';
import { concurrencyOperations } from './control-plane/concurrency-operations.ts';
import { functionOperations } from './control-plane/function-operations.ts';
import type { LambdaContext, LambdaOperation } from './control-plane/lambda-operation.ts';
import { layerOperations } from './control-plane/layer-operations.ts';
import { permissionOperations } from './control-plane/permission-operations.ts';
import { tagOperations } from './control-plane/tag-operations.ts';
import { unsupportedOperations } from './control-plane/unsupported-operations.ts';
import { updateOperations } from './control-plane/update-operations.ts';
import { versionOperations } from './control-plane/version-operations.ts';
import { functionUrlOperations } from './function-url/function-url-operations.ts';
import { invokeOperations } from './invoke-api/invoke-operations.ts';

export const OPERATIONS: readonly LambdaOperation[] = [
  ...invokeOperations,
  ...functionOperations,
  ...updateOperations,
  ...versionOperations,
  ...aliasOperations,
  ...permissionOperations,
  ...functionUrlOperations,
  ...concurrencyOperations,
  ...layerOperations,
  ...tagOperations,
  ...accountOperations,
  ...unsupportedOperations,
  ...codeOperations,
];

/** Answers one request of the Lambda API. Never rejects. */
export async function handleLambdaRequest(
  context: LambdaContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const requestId = randomUUID();
  try {
    const { rawPath } = requestTarget(request);
    const found = findRestOperation(OPERATIONS, request.method ?? '', rawPath);
    if (found === undefined) throw unknownOperation(`${request.method} ${rawPath}`);
    const { operation, parameters } = found;
    await operation.run(context, { request, response, parameters, query: restQuery(request), requestId });
  } catch (error) {
    await sendLambdaError(response, error, requestId).catch(() => {});
  }
}

const unknownOperation = (what: string) =>
  new AwsError('UnknownOperationException', { message: `Lambda has no operation at ${what}, or Spillway lacks it.` });

/** Of all error documents of Lambda, these have their message under a capital letter: as recorded from AWS. */
const CAPITAL_MESSAGE: ReadonlySet<string> = new Set(['ResourceNotFoundException', 'RequestEntityTooLargeException']);

/**
 * An error as Lambda answers it. Anything but an AwsError is a 500. After the head of a response only the connection can tell.
 * @see https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html
 */
async function sendLambdaError(response: ServerResponse, error: unknown, requestId: string): Promise<void> {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { code, status, message, details } =
    error instanceof AwsError ? error : new AwsError('ServiceException', { cause: error });
  const document = {
    ...details,
    ...(code !== 'ValidationException' && { Type: status < 500 ? 'User' : 'Service' }),
    [CAPITAL_MESSAGE.has(code) ? 'Message' : 'message']: message,
  };
  await sendJson(response, status, document, [
    ['x-amzn-RequestId', requestId],
    ['x-amzn-ErrorType', code],
  ]);
}
