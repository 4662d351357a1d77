import { randomUUID } from 'node:crypto';
import { AwsError, type FunctionPermission, type FunctionUrlAuthType } from '@spillway/wire';
import { FunctionPolicy, policyStatement } from '../function-policy.ts';
import { Constraints } from './constraints.ts';
import { type FunctionDocument, LATEST, type PolicyDocument, policyOf } from './function-document.ts';
import { versionOf } from './function-reference.ts';
import { flag, type Input, text } from './input-members.ts';
import { type JsonCall, jsonOperation, type LambdaContext, type LambdaOperation } from './lambda-operation.ts';
import { unsupported } from './refused-settings.ts';
import type { RegisteredFunction } from './registered-function.ts';
import { checkRevision } from './revision.ts';

const POLICY = '/2015-03-31/functions/{FunctionName}/policy';

/** Resource policies of functions, versions and aliases. A function's own has its qualifier `$LATEST` in our documents only. */
export const permissionOperations: readonly LambdaOperation[] = [
  jsonOperation('AddPermission', { at: `POST ${POLICY}`, status: 201, run: addPermission }),
  jsonOperation('GetPolicy', { at: `GET ${POLICY}`, status: 200, run: getPolicy }),
  jsonOperation('RemovePermission', {
    at: `DELETE ${POLICY}/{StatementId}`,
    status: 204,
    run: removePermission,
  }),
];

/** @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_POLICY_BYTES = 20_480;

async function addPermission(context: LambdaContext, call: JsonCall): Promise<object> {
  const { input } = call;
  const place = placeOf(context, call);
  const permission = permissionOf(input, place.found.name, place.key);
  await place.found.change((document) => {
    checkRevision(text(input, 'RevisionId'), revisionOf(document, place), 'GetPolicy');
    const policy = new FunctionPolicy(policyOf(document, place.key)?.statements).with(permission);
    if (Buffer.byteLength(policy.print(place.arn)) > MAX_POLICY_BYTES) {
      throw new AwsError('PolicyLengthExceededException');
    }
    return [withPolicy(document, place.key, policy), undefined];
  });
  return { Statement: JSON.stringify(policyStatement(permission, place.arn)) };
}

function getPolicy(context: LambdaContext, call: JsonCall): object {
  const { found, key, arn } = placeOf(context, call);
  const kept = policyOf(found.document, key);
  if (kept === undefined) {
    throw new AwsError('ResourceNotFoundException', { message: 'The resource you requested does not exist.' });
  }
  return { Policy: new FunctionPolicy(kept.statements).print(arn), RevisionId: kept.revisionId };
}

async function removePermission(context: LambdaContext, call: JsonCall): Promise<undefined> {
  const place = placeOf(context, call);
  await place.found.change((document) => {
    checkRevision(call.query['RevisionId'] || undefined, revisionOf(document, place), 'GetPolicy');
    const policy = new FunctionPolicy(policyOf(document, place.key)?.statements);
    return [withPolicy(document, place.key, policy.without(call.parameters['StatementId'] ?? '')), undefined];
  });
}

interface PolicyPlace {
  readonly found: RegisteredFunction;
  /** In the document's policies. */
  readonly key: string;
  readonly arn: string;
}

/** @throws AwsError `InvalidParameterValueException` for $LATEST, which has no policy but the function's. */
function placeOf(context: LambdaContext, call: JsonCall): PolicyPlace {
  const { found, qualifier } = versionOf(context, call);
  if (qualifier === LATEST) {
    throw new AwsError('InvalidParameterValueException', {
      message: 'We currently do not support adding policies for $LATEST.',
    });
  }
  return { found, key: qualifier ?? LATEST, arn: qualifier === undefined ? found.arn : `${found.arn}:${qualifier}` };
}

/** Before there is a policy, the function's own revision counts. */
const revisionOf = (document: FunctionDocument, { found, key }: PolicyPlace) =>
  policyOf(document, key)?.revisionId ?? found.revisionId;

/** A policy without statements is none. */
function withPolicy(document: FunctionDocument, key: string, { statements }: FunctionPolicy): FunctionDocument {
  const { [key]: _, ...others } = document.policies;
  const kept: PolicyDocument = { revisionId: randomUUID(), statements };
  return { ...document, policies: statements.length === 0 ? others : { ...others, [key]: kept } };
}

function permissionOf(input: Input, functionName: string, key: string): FunctionPermission {
  for (const name of ['EventSourceToken', 'PrincipalOrgID']) {
    if (input[name] !== undefined) throw unsupported(name);
  }
  const statementId = text(input, 'StatementId');
  const action = text(input, 'Action');
  const principal = text(input, 'Principal');
  const sourceArn = text(input, 'SourceArn');
  const sourceAccount = text(input, 'SourceAccount');
  const functionUrlAuthType = text(input, 'FunctionUrlAuthType');
  const invokedViaFunctionUrl = flag(input, 'InvokedViaFunctionUrl');
  new Constraints()
    .required('statementId', statementId)
    .required('action', action)
    .required('principal', principal)
    .length('statementId', statementId, 100, 1)
    .pattern('statementId', statementId, '([a-zA-Z0-9-_]+)')
    .pattern('action', action, '(lambda:[*]|lambda:[a-zA-Z]+|[*])')
    .pattern('sourceArn', sourceArn, SOURCE_ARN_PATTERN)
    .pattern('sourceAccount', sourceAccount, '\\d{12}')
    .oneOf('functionUrlAuthType', functionUrlAuthType, ['NONE', 'AWS_IAM'])
    .hold();
  return {
    functionName,
    statementId: statementId ?? '',
    action: action ?? '',
    principal: principal ?? '',
    ...(key !== LATEST && { qualifier: key }),
    ...(sourceArn !== undefined && { sourceArn }),
    ...(sourceAccount !== undefined && { sourceAccount }),
    ...(functionUrlAuthType !== undefined && { functionUrlAuthType: functionUrlAuthType as FunctionUrlAuthType }),
    ...(invokedViaFunctionUrl !== undefined && { invokedViaFunctionUrl }),
  };
}

const SOURCE_ARN_PATTERN = 'arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:([a-z]{2}(-gov)?-[a-z]+-\\d{1})?:(\\d{12})?:(.*)';
