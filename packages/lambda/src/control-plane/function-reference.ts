import { AwsError } from '@spillway/wire';
import { functionNotFound, parseFunctionName } from '../function-name.ts';
import type { VersionDocument } from './function-document.ts';
import type { LambdaCall, LambdaContext } from './lambda-operation.ts';
import type { RegisteredFunction } from './registered-function.ts';

export interface FoundFunction {
  readonly found: RegisteredFunction;
  /** As the caller gave it, in the name or beside it. */
  readonly qualifier?: string;
}

/**
 * The function that a request's path names.
 * @throws AwsError `ResourceNotFoundException`, `ValidationException`, `AccessDeniedException`, `InvalidParameterValueException`.
 */
export function functionOf(context: LambdaContext, { parameters, query }: LambdaCall): FoundFunction {
  const reference = parseFunctionName(parameters['FunctionName'] ?? '', context.region);
  const asked = query['Qualifier'] || undefined;
  if (asked !== undefined && reference.qualifier !== undefined && asked !== reference.qualifier) {
    throw new AwsError('InvalidParameterValueException', {
      message: 'The derived qualifier from the function name does not match the specified qualifier.',
    });
  }
  const qualifier = asked ?? reference.qualifier;
  const named = { name: reference.name, ...(qualifier !== undefined && { qualifier }) };
  const found = context.functions.find(reference.name);
  if (found === undefined) throw functionNotFound(context.region, named);
  return { found, ...(qualifier !== undefined && { qualifier }) };
}

/** And the version that its qualifier leads to. @throws AwsError as `functionOf`. */
export function versionOf(
  context: LambdaContext,
  call: LambdaCall,
): FoundFunction & { readonly version: VersionDocument } {
  const reference = functionOf(context, call);
  const version = reference.found.resolve(reference.qualifier);
  if (version === undefined) throw functionNotFound(context.region, { ...reference, name: reference.found.name });
  return { ...reference, version };
}

/** The function of an operation that knows no versions. @throws AwsError as `functionOf`. */
export function unqualifiedFunctionOf(context: LambdaContext, call: LambdaCall): RegisteredFunction {
  const { found, qualifier } = functionOf(context, call);
  if (qualifier === undefined) return found;
  throw new AwsError('InvalidParameterValueException', {
    message:
      'This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. ' +
      'Please specify either a function name or an unqualified function ARN.',
  });
}
