import { randomUUID } from 'node:crypto';
import { AwsError } from '@spillway/wire';

/**
 * A function that was made or changed and is not yet what it will be; or that could not be made so, and stays so until the next change.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
 */
export interface Transition {
  readonly kind: 'create' | 'update';
  /** Shown meanwhile; the document has the one after it. */
  readonly revisionId: string;
  /** The version that was published with the change. */
  readonly version?: string;
  /** Why it failed. */
  readonly failure?: string;
}

export const newTransition = (kind: Transition['kind'], version?: string): Transition => ({
  kind,
  revisionId: randomUUID(),
  ...(version !== undefined && { version }),
});

/** How long a function is Pending, or its update InProgress, at the least, ms: so that scripts that forget to wait find out here too. */
export const SETTLE_MS = 100;

/** @throws AwsError `ResourceConflictException` while a change goes on. */
export function refuseChange(transition: Transition | undefined, arn: string): void {
  if (transition === undefined || transition.failure !== undefined) return;
  if (transition.kind === 'create') throw notReady('Pending');
  throw conflict(`The operation cannot be performed at this time. An update is in progress for resource: ${arn}`);
}

/** @throws AwsError `ResourceConflictException` for a function that was never ready. */
export function refuseInvocation(transition: Transition | undefined): void {
  if (transition?.kind !== 'create') return;
  throw notReady(transition.failure === undefined ? 'Pending' : 'Failed');
}

const notReady = (state: string) =>
  conflict(
    `The operation cannot be performed at this time. The function is currently in the following state: ${state}`,
  );

const conflict = (message: string) => new AwsError('ResourceConflictException', { message });

/** The members of a function's configuration that tell of its state. */
export function stateMembers(transition: Transition | undefined): object {
  if (transition === undefined) return { State: 'Active', LastUpdateStatus: 'Successful' };
  const { kind, failure } = transition;
  const reason = failure ?? 'The function is being created.';
  const code = failure === undefined ? 'Creating' : 'InternalError';
  if (kind === 'create') {
    return { State: failure === undefined ? 'Pending' : 'Failed', StateReason: reason, StateReasonCode: code };
  }
  return {
    State: 'Active',
    LastUpdateStatus: failure === undefined ? 'InProgress' : 'Failed',
    LastUpdateStatusReason: reason,
    LastUpdateStatusReasonCode: code,
  };
}
