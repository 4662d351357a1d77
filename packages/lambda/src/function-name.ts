import { ACCOUNT_ID, AwsError, functionArn } from '@spillway/wire';

/** As AWS quotes it in its error. */
const PATTERN =
  '(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?' +
  '([a-zA-Z0-9-_\\.]+)(:(\\$LATEST(\\.PUBLISHED)?|[a-zA-Z0-9-_]+))?';

const PARTS =
  /^(?:arn:aws[a-zA-Z-]*:lambda:)?(?:(?<region>(?:eusc-)?[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d):)?(?:(?<account>\d{12}):)?(?:function:)?(?<name>[a-zA-Z0-9\-_.]+)(?::(?<qualifier>\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9\-_]+))?$/;

export interface FunctionReference {
  readonly name: string;
  /** As the caller gave it. */
  readonly qualifier?: string;
}

/**
 * Reads a name, a partial ARN or an ARN, with or without a qualifier.
 * @throws AwsError `ValidationException` for what is none of them, `ResourceNotFoundException` for another Region,
 *   `AccessDeniedException` for another account.
 */
export function parseFunctionName(text: string, region: string): FunctionReference {
  const parts = PARTS.exec(text)?.groups;
  const name = parts?.['name'];
  if (!parts || name === undefined) throw malformed(text);
  if (parts['region'] !== undefined && parts['region'] !== region) {
    throw new AwsError('ResourceNotFoundException', {
      message: `Functions from '${parts['region']}' are not reachable in this region ('${region}')`,
    });
  }
  if (parts['account'] !== undefined && parts['account'] !== ACCOUNT_ID) throw new AwsError('AccessDeniedException');
  const qualifier = parts['qualifier'];
  return { name, ...(qualifier !== undefined && { qualifier }) };
}

/** Names the qualifier that was looked for; Invoke looks for `$LATEST` where none was given. */
export const functionNotFound = (region: string, { name, qualifier }: FunctionReference): AwsError =>
  new AwsError('ResourceNotFoundException', {
    message: `Function not found: ${functionArn(region, name)}${qualifier === undefined ? '' : `:${qualifier}`}`,
  });

const malformed = (text: string) =>
  new AwsError('ValidationException', {
    message:
      `1 validation error detected: Value '${text}' at 'functionName' failed to satisfy constraint: ` +
      `Member must satisfy regular expression pattern: ${PATTERN}`,
  });
