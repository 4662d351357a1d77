import { ACCOUNT_ID, AwsError, type FunctionPermission, type InvokeRequest } from '@spillway/wire';

const INVOKE_ACTIONS: ReadonlySet<string> = new Set(['lambda:InvokeFunction', 'lambda:*', '*']);

/**
 * A function's resource policy: which services may invoke it.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
 */
export class FunctionPolicy {
  readonly #statements = new Map<string, FunctionPermission>();

  /** @throws AwsError `ResourceConflictException` when the statement id is taken. */
  add(permission: FunctionPermission): void {
    if (this.#statements.has(permission.statementId)) {
      throw new AwsError('ResourceConflictException', {
        message:
          `The statement id (${permission.statementId}) provided already exists. ` +
          'Please provide a new statement id, or remove the existing statement.',
      });
    }
    this.#statements.set(permission.statementId, permission);
  }

  /** The account itself needs no statement. */
  allows(caller: InvokeRequest['caller']): boolean {
    return caller === undefined || [...this.#statements.values()].some((statement) => covers(statement, caller));
  }
}

function covers(
  { action, principal, sourceArn, sourceAccount }: FunctionPermission,
  caller: { readonly service: string; readonly sourceArn: string },
): boolean {
  return (
    INVOKE_ACTIONS.has(action) &&
    (principal === caller.service || principal === '*') &&
    (sourceArn === undefined || arnLike(sourceArn, caller.sourceArn)) &&
    (sourceAccount === undefined || sourceAccount === ACCOUNT_ID)
  );
}

/**
 * The condition ArnLike: the six parts between colons are compared one by one, `*` and `?` stay within their part.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export function arnLike(pattern: string, arn: string): boolean {
  const wanted = arnParts(pattern);
  const actual = arnParts(arn);
  return (
    wanted.length === actual.length &&
    wanted.every((part, index) => {
      const expression = part
        .replace(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll('*', '.*')
        .replaceAll('?', '.');
      return new RegExp(`^${expression}$`, 's').test(actual[index] ?? '');
    })
  );
}

/** The sixth part keeps its colons. */
function arnParts(arn: string): readonly string[] {
  const parts = arn.split(':');
  return [...parts.slice(0, 5), parts.slice(5).join(':')];
}
