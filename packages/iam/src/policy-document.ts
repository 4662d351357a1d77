import { AwsError } from '@spillway/wire';
import { required } from './members.ts';
import type { QueryInput } from './query-request.ts';

type Statement = Readonly<Record<string, unknown>>;

/** The text of a policy of identities, checked for its shape. @throws AwsError `MalformedPolicyDocument`, `ValidationError`. */
export function identityPolicy(input: QueryInput): string {
  const text = required(input, 'PolicyDocument');
  for (const statement of statements(text)) {
    if ('Principal' in statement || 'NotPrincipal' in statement) {
      throw malformed('Policy document should not specify a principal.');
    }
    if (!('Action' in statement || 'NotAction' in statement)) throw malformed('Policy statement must contain actions.');
    if (!('Resource' in statement || 'NotResource' in statement)) {
      throw malformed('Policy statement must contain resources.');
    }
  }
  return text;
}

/** The text of a role's trust policy, checked for its shape. @throws AwsError `MalformedPolicyDocument`, `ValidationError`. */
export function trustPolicy(input: QueryInput, name: string): string {
  const text = required(input, name);
  for (const statement of statements(text)) {
    if ('Resource' in statement || 'NotResource' in statement) throw malformed('Has prohibited field Resource');
    if (!('Principal' in statement || 'NotPrincipal' in statement)) {
      throw malformed('Missing required field Principal');
    }
    if (!('Action' in statement || 'NotAction' in statement)) throw malformed('Missing required field Action');
  }
  return text;
}

function statements(text: string): readonly Statement[] {
  const document = parse(text);
  const { Version: version = '2012-10-17', Statement: given } = document;
  if (version !== '2012-10-17' && version !== '2008-10-17') {
    throw malformed('The policy must contain a valid version string');
  }
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (list.length === 0 || !list.every(isStatement)) throw malformed('Syntax errors in policy.');
  return list;
}

function parse(text: string): Statement {
  try {
    const document: unknown = JSON.parse(text);
    if (isObject(document)) return document;
  } catch (error) {
    throw new AwsError('MalformedPolicyDocument', { message: 'This policy contains invalid Json', cause: error });
  }
  throw malformed('Syntax errors in policy.');
}

const isObject = (value: unknown): value is Statement =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isStatement = (value: unknown): value is Statement =>
  isObject(value) && (value['Effect'] === 'Allow' || value['Effect'] === 'Deny');

const malformed = (message: string) => new AwsError('MalformedPolicyDocument', { message });

/** As IAM answers documents: escaped as in a URL. */
export const encodedDocument = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
