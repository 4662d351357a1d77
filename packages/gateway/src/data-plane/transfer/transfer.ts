import type { HttpResponse } from '@spillway/http';
import type { Body, EndpointType, Limits } from '@spillway/wire';
import type { ExecutionTrace } from '../execution-trace.ts';
import type { FailureName } from '../failures.ts';
import type { HeaderList } from '../headers.ts';
import type { InvocationAction } from '../integration/lambda-uri.ts';
import type { IntegrationCall } from '../integration-call.ts';

/** What an integration answered, not yet read: a Lambda payload in the form of its mode, or an HTTP response behind its head. */
export type IntegrationAnswer =
  | { readonly from: 'lambda'; readonly body: Body }
  | {
      readonly from: 'http';
      readonly status: number;
      readonly headers: HeaderList;
      readonly body: Body;
      /** Asked with HEAD: its Content-Length announces what does not come. */
      readonly isHead: boolean;
    };

export interface TransferContext {
  readonly call: IntegrationCall;
  readonly limits: Limits;
  readonly binaryMediaTypes: readonly string[];
  /** The client's `Accept` header. */
  readonly accept: string | undefined;
  readonly trace: ExecutionTrace;
}

/** All that differs between the two response transfer modes. */
export interface Transfer {
  /** `$context.integration.responseTransferMode` */
  readonly logName: 'BUFFERED' | 'STREAMED';
  /** The one call of Lambda's whose answer this mode can read. */
  readonly action: InvocationAction;
  /** What it means here that Lambda found a response too large. */
  readonly tooLarge: FailureName;
  timeoutMs(timeoutInMillis: number | undefined, limits: Limits): number;
  idleTimeoutMs(endpointType: EndpointType, limits: Limits): number;
  /** Settles when status and headers are known. */
  respond(answer: IntegrationAnswer, context: TransferContext): Promise<HttpResponse>;
}
