import { AwsError } from '@spillway/wire';
import { Constraints } from './constraints.ts';
import { unqualifiedFunctionOf } from './function-reference.ts';
import { integer } from './input-members.ts';
import { type JsonCall, jsonOperation, type LambdaContext, type LambdaOperation } from './lambda-operation.ts';
import type { RegisteredFunction } from './registered-function.ts';

export const concurrencyOperations: readonly LambdaOperation[] = [
  jsonOperation('PutFunctionConcurrency', {
    at: 'PUT /2017-10-31/functions/{FunctionName}/concurrency',
    status: 200,
    run: putConcurrency,
  }),
  jsonOperation('GetFunctionConcurrency', {
    at: 'GET /2019-09-30/functions/{FunctionName}/concurrency',
    status: 200,
    run: (context, call) => {
      const { reservedConcurrentExecutions } = unqualifiedFunctionOf(context, call).document;
      return reservedConcurrentExecutions === undefined ? {} : answer(reservedConcurrentExecutions);
    },
  }),
  jsonOperation('DeleteFunctionConcurrency', {
    at: 'DELETE /2017-10-31/functions/{FunctionName}/concurrency',
    status: 204,
    run: deleteConcurrency,
  }),
];

const answer = (count: number) => ({ ReservedConcurrentExecutions: count });

/** What functions without a reservation must be left, unless the account has less. https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html */
const MIN_UNRESERVED = 100;

async function putConcurrency(context: LambdaContext, call: JsonCall): Promise<object> {
  const found = unqualifiedFunctionOf(context, call);
  const count = integer(call.input, 'ReservedConcurrentExecutions');
  const constraints = new Constraints().required('reservedConcurrentExecutions', count);
  constraints.range('reservedConcurrentExecutions', count, 0).hold();
  const reserved = count ?? 0;
  await context.concurrency.turns.run(() => reserve(context, found, reserved));
  return answer(reserved);
}

async function reserve({ concurrency, functions }: LambdaContext, found: RegisteredFunction, reserved: number) {
  await found.change((document) => {
    const least = Math.min(MIN_UNRESERVED, concurrency.accountLimit);
    const before = document.reservedConcurrentExecutions ?? 0;
    if (concurrency.unreserved + before - reserved < least) {
      throw new AwsError('InvalidParameterValueException', {
        message: `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${least}].`,
      });
    }
    return [{ ...document, reservedConcurrentExecutions: reserved }, undefined];
  });
  // It may have been deleted since.
  if (functions.find(found.name) === found) concurrency.reserve(found.name, reserved);
}

async function deleteConcurrency(context: LambdaContext, call: JsonCall): Promise<undefined> {
  const found = unqualifiedFunctionOf(context, call);
  await context.concurrency.turns.run(async () => {
    await found.change(({ reservedConcurrentExecutions: _, ...document }) => [document, undefined]);
    context.concurrency.release(found.name);
  });
}
