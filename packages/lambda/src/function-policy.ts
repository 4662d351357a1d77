import { ACCOUNT_ID, AwsError, type FunctionPermission, type FunctionUrlAuthType } from '@spillway/wire';
import { arnLike } from './arn-like.ts';

/** Who asks: a service on behalf of a resource, a user or role of an account, or nobody that is known. */
type PolicyCaller =
  | { readonly service: string; readonly sourceArn: string }
  | { readonly accountId: string; readonly arn?: string }
  | 'anonymous';

export interface PolicyRequest {
  readonly action: 'lambda:InvokeFunction' | 'lambda:InvokeFunctionUrl';
  /** Undefined: the account itself, which needs no statement. */
  readonly caller?: PolicyCaller | undefined;
  /** Of the function URL that was called. */
  readonly functionUrlAuthType?: FunctionUrlAuthType;
  readonly invokedViaFunctionUrl?: boolean;
}

/**
 * The resource policy of a function, or of one of its versions or aliases: who may invoke it.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
 */
export class FunctionPolicy {
  readonly statements: readonly FunctionPermission[];

  constructor(statements: readonly FunctionPermission[] = []) {
    this.statements = statements;
  }

  /**
   * The policy with one more statement.
   * @throws AwsError `ResourceConflictException` when the statement id is taken, `InvalidParameterValueException` for a principal that is none.
   */
  with(permission: FunctionPermission): FunctionPolicy {
    if (this.statements.some(({ statementId }) => statementId === permission.statementId)) {
      throw new AwsError('ResourceConflictException', {
        message:
          `The statement id (${permission.statementId}) provided already exists. ` +
          'Please provide a new statement id, or remove the existing statement.',
      });
    }
    principalOf(permission);
    return new FunctionPolicy([...this.statements, permission]);
  }

  /** The policy without a statement. @throws AwsError `ResourceNotFoundException`. */
  without(statementId: string): FunctionPolicy {
    const rest = this.statements.filter((statement) => statement.statementId !== statementId);
    if (rest.length === this.statements.length) {
      const message =
        rest.length === 0
          ? 'No policy is associated with the given resource.'
          : `Statement ${statementId} is not found in resource policy.`;
      throw new AwsError('ResourceNotFoundException', { message });
    }
    return new FunctionPolicy(rest);
  }

  allows(request: PolicyRequest): boolean {
    return request.caller === undefined || this.statements.some((statement) => covers(statement, request));
  }

  /** As GetPolicy gives it. `resource`: the ARN that it belongs to. */
  print(resource: string): string {
    const Statement = this.statements.map((statement) => policyStatement(statement, resource));
    return JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement });
  }
}

/** A statement by AWS's names. `resource`: the ARN of the function, version or alias. */
export function policyStatement(permission: FunctionPermission, resource: string): object {
  const conditions = conditionsOf(permission);
  return {
    Sid: permission.statementId,
    Effect: 'Allow',
    Principal: principalOf(permission),
    Action: permission.action,
    Resource: resource,
    ...(Object.keys(conditions).length > 0 && { Condition: conditions }),
  };
}

/** @throws AwsError `InvalidParameterValueException` for what is neither a service, an account, an ARN of one nor `*`. */
function principalOf({ principal }: FunctionPermission): '*' | { readonly Service: string } | { readonly AWS: string } {
  if (principal === '*') return principal;
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:aws:iam::${principal}:root` };
  if (/^arn:aws[a-z-]*:(iam|sts)::\d{12}:.+/.test(principal)) return { AWS: principal };
  if (/^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/.test(principal)) return { Service: principal };
  throw new AwsError('InvalidParameterValueException', {
    message: 'The provided principal was invalid. Please check the principal and try again.',
  });
}

function conditionsOf(permission: FunctionPermission): Readonly<Record<string, object>> {
  const { sourceArn, sourceAccount, functionUrlAuthType, invokedViaFunctionUrl } = permission;
  const equals = {
    ...(sourceAccount !== undefined && { 'AWS:SourceAccount': sourceAccount }),
    ...(functionUrlAuthType !== undefined && { 'lambda:FunctionUrlAuthType': functionUrlAuthType }),
  };
  return {
    ...(Object.keys(equals).length > 0 && { StringEquals: equals }),
    ...(sourceArn !== undefined && { ArnLike: { 'AWS:SourceArn': sourceArn } }),
    ...(invokedViaFunctionUrl !== undefined && {
      Bool: { 'lambda:InvokedViaFunctionUrl': String(invokedViaFunctionUrl) },
    }),
  };
}

function covers(permission: FunctionPermission, request: PolicyRequest): boolean {
  const { action, functionUrlAuthType, invokedViaFunctionUrl } = permission;
  return (
    (action === '*' || action === 'lambda:*' || action === request.action) &&
    coversCaller(permission, request.caller) &&
    coversSource(permission, request.caller) &&
    (functionUrlAuthType === undefined || functionUrlAuthType === request.functionUrlAuthType) &&
    (invokedViaFunctionUrl === undefined || invokedViaFunctionUrl === (request.invokedViaFunctionUrl ?? false))
  );
}

function coversCaller({ principal }: FunctionPermission, caller: PolicyRequest['caller']): boolean {
  if (principal === '*') return true;
  if (caller === undefined || caller === 'anonymous') return false;
  if ('service' in caller) return principal === caller.service;
  return [caller.accountId, `arn:aws:iam::${caller.accountId}:root`, caller.arn].includes(principal);
}

/** Only services send a source. */
function coversSource({ sourceArn, sourceAccount }: FunctionPermission, caller: PolicyRequest['caller']): boolean {
  if (sourceArn === undefined && sourceAccount === undefined) return true;
  if (typeof caller !== 'object' || !('service' in caller)) return false;
  return (
    (sourceArn === undefined || arnLike(sourceArn, caller.sourceArn)) &&
    (sourceAccount === undefined || sourceAccount === ACCOUNT_ID)
  );
}
