import type { QueryInput } from './query-request.ts';
import type { QueryOutput } from './query-response.ts';

/** Who calls: the access key id of the request's signature, which has been verified or not. */
export interface Caller {
  readonly accessKeyId: string | undefined;
}

/** One operation. @throws AwsError with the service's code. */
type QueryOperation = (input: QueryInput, caller: Caller) => QueryOutput | Promise<QueryOutput>;

/** Operations by AWS's name. */
export type QueryOperations = Readonly<Record<string, QueryOperation>>;
