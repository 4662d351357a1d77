import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type ChunkSignatures,
  type CredentialStore,
  clientSignal,
  type HttpResponse,
  type Signature,
  send,
  verifySignature,
  verifyUploadSignature,
} from '@spillway/http';
import { AwsError } from '@spillway/wire';
import type { Buckets } from './buckets.ts';
import { errorResponse, newRequestIds, type RequestIds, toAwsError } from './error-response.ts';
import type { BucketCall, Call, Operation, S3Response } from './operation.ts';
import { findOperation } from './operations.ts';
import { effectiveHeaders, readAddress, readQuery, type S3Address } from './s3-request.ts';
import { refuseUnsupported } from './unsupported.ts';

/** What every request is answered from. */
export interface OriginContext {
  readonly buckets: Buckets;
  readonly region: string;
  readonly credentials: CredentialStore;
  /** Those in headers too. */
  readonly verifySignatures: boolean;
  readonly report: (line: string) => void;
}

/** Answers one request, in S3's order: address, operation, signature, bucket, permission, then the operation itself. Never rejects. */
export async function handleRequest(
  context: OriginContext,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const ids = newRequestIds();
  let answer: S3Response | undefined;
  try {
    answer = await answerOf(context, message, clientSignal(response)).catch((error: unknown) =>
      failure(context, message, error, ids),
    );
    await send(response, withCommonHeaders(answer, ids, message));
  } catch (error) {
    // The body failed in mid stream, and the connection is cut: there is no one left to tell but the log.
    report(context, message, toAwsError(error));
  } finally {
    await answer?.release?.();
  }
}

async function answerOf(context: OriginContext, message: IncomingMessage, signal: AbortSignal): Promise<S3Response> {
  const { region, credentials } = context;
  const address = readAddress(message);
  const method = message.method ?? '';
  const query = readQuery(message);
  const operation = findOperation(method, address, query, message.headers['x-amz-copy-source'] !== undefined);
  const signature = verifySignature(message, credentials, {
    region,
    ...(address.isVirtualHosted && address.bucketName !== undefined ? { virtualHostBucket: address.bucketName } : {}),
  });
  const chunkSignatures = verifyHeader(context, message, signature);
  const headers = effectiveHeaders(message, query, signature);
  const request = { message, method, headers, query, signature, chunkSignatures, signal };
  refuseUnsupported(request);
  return run(operation, { request, buckets: context.buckets, region, report: context.report }, address);
}

/** A signature in the query has been verified by now, and one in the header is if that is asked for. */
function verifyHeader(
  { verifySignatures, credentials, region }: OriginContext,
  message: IncomingMessage,
  { kind }: Signature,
): ChunkSignatures | undefined {
  return verifySignatures && kind === 'header' ? verifyUploadSignature(message, credentials, { region }) : undefined;
}

function run(operation: Operation, call: Call, { bucketName = '', key = '' }: S3Address): Promise<S3Response> {
  const isAnonymous = call.request.signature.kind === 'anonymous';
  if (operation.level === 'service' || operation.level === 'new-bucket') {
    if (isAnonymous) throw new AwsError('AccessDenied');
    return operation.level === 'service' ? operation.run(call) : operation.run(call, bucketName);
  }
  const bucketCall: BucketCall = { ...call, bucket: call.buckets.get(bucketName) };
  if (!isAllowed(operation, bucketCall, key, isAnonymous)) throw new AwsError('AccessDenied');
  return operation.level === 'object' ? operation.run({ ...bucketCall, key }) : operation.run(bucketCall);
}

function isAllowed(operation: Operation, { bucket }: BucketCall, key: string, isAnonymous: boolean): boolean {
  if (operation.level !== 'object' || operation.isRead !== true) return !isAnonymous;
  // Without s3:ListBucket no one learns which keys there are.
  if (isAnonymous && bucket.get(key) === undefined) return false;
  return bucket.mayRead(key, isAnonymous ? 'anonymous' : 'account');
}

function failure(context: OriginContext, message: IncomingMessage, error: unknown, ids: RequestIds): HttpResponse {
  const awsError = toAwsError(error);
  if (awsError.status >= 500) report(context, message, awsError);
  const response = errorResponse(awsError, ids);
  // A client that waits for 100 Continue may or may not send its body after this; only a new connection is sure to be in step.
  const mayStillSend = message.headers.expect !== undefined && !message.complete;
  return mayStillSend ? { ...response, headers: [...response.headers, ['Connection', 'close']] } : response;
}

function report({ report }: OriginContext, { method, url }: IncomingMessage, error: AwsError): void {
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  const advice = error.advice === undefined ? '' : ` ${error.advice}`;
  report(`S3 ${method} ${url}: ${error.code}: ${error.message}${cause}${advice}`);
}

function withCommonHeaders(
  response: HttpResponse,
  { requestId, hostId }: RequestIds,
  message: IncomingMessage,
): HttpResponse {
  return {
    ...response,
    headers: [
      ['x-amz-id-2', hostId],
      ['x-amz-request-id', requestId],
      ['Date', new Date().toUTCString()],
      ...response.headers,
      ...(isPage(message) ? [['Content-Security-Policy', PAGE_POLICY] as const] : []),
      ['Server', 'AmazonS3'],
    ],
  };
}

/** Scripts run, but not as this server's own: on AWS an object has no origin in common with what manages the account. */
const PAGE_POLICY = 'sandbox allow-downloads allow-forms allow-modals allow-popups allow-scripts';

/** Whether a browser is about to show the answer as a page. No other client says so. */
const isPage = ({ headers }: IncomingMessage) =>
  ['document', 'embed', 'frame', 'iframe', 'object'].includes(String(headers['sec-fetch-dest']));
