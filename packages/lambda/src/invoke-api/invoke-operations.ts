// Invoke and InvokeWithResponseStream over HTTP.
// Same as AWS, by the service's model and recordings of its answers, checked with the AWS SDK for JavaScript, boto3 and the AWS CLI: the three
// invocation types, qualifiers, the log's tail, client contexts, X-Amz-Function-Error, the event stream, errors before and within it.
// On purpose: the two retries of an asynchronous invocation come after 1 and 2 seconds, not minutes, and what waits for one ends with the
// server. Chosen, as AWS does not say: see event-stream.ts.
// Missing, refused by name: tenant isolation, durable executions. Missing: InvokeAsync, destinations and dead-letter queues, X-Ray.
import type { LambdaOperation } from '../control-plane/lambda-operation.ts';
import { invoke } from './invoke-operation.ts';
import { invokeWithResponseStream } from './invoke-with-response-stream.ts';

export const invokeOperations: readonly LambdaOperation[] = [
  { name: 'Invoke', method: 'POST', path: '/2015-03-31/functions/{FunctionName}/invocations', run: invoke },
  {
    name: 'InvokeWithResponseStream',
    method: 'POST',
    path: '/2021-11-15/functions/{FunctionName}/response-streaming-invocations',
    run: invokeWithResponseStream,
  },
];
