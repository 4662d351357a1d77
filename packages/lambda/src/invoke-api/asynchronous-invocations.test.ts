import { AWS_LIMITS, AwsError } from '@spillway/wire';
import { expect, test } from 'vitest';
import type { Concurrency } from '../concurrency.ts';
import type { LambdaInvoker } from '../invoke.ts';
import { AsynchronousInvocations } from './asynchronous-invocations.ts';

test('takes no more events than it can hold while they wait', () => {
  const throttled = () => {
    throw new AwsError('TooManyRequestsException');
  };
  const invoker = {
    invokedFunction: () => ({ configuration: {} }),
    checkedEvent: () => {},
    bufferedAnswer: () => ({}),
    start: throttled,
  } as unknown as LambdaInvoker;
  const concurrency = { isZero: () => false } as unknown as Concurrency;
  const invocations = new AsynchronousInvocations({
    ...{ limits: AWS_LIMITS, invoker, concurrency },
    report: () => {},
    maxWaitingBytes: 10,
  });
  const add = (sizeBytes: number) => invocations.add({ functionName: 'f', payload: new Uint8Array(sizeBytes) });
  add(6);
  expect(() => add(5)).toThrow('Too many asynchronous events wait.');
  add(4);
  invocations.stop();
});
