import { type AccessPolicy, PolicyFault, readPolicy } from './access-policy.ts';

/** What a Lambda authorizer returned. */
export interface AuthorizerResult {
  readonly principalId: string;
  readonly policy: AccessPolicy;
  /** Values as strings. */
  readonly context: Readonly<Record<string, string>>;
  readonly usageIdentifierKey?: string;
}

/**
 * Reads the result of an authorizer's function.
 * @throws PolicyFault that says what is wrong with it.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
 */
export function readAuthorizerResult(text: string): AuthorizerResult {
  const result = parse(text);
  const { principalId, policyDocument, context, usageIdentifierKey } = result;
  if (typeof principalId !== 'string') throw new PolicyFault('principalId is not a string');
  const isKey = typeof usageIdentifierKey === 'string';
  if (!isKey && !isNothing(usageIdentifierKey)) throw new PolicyFault('usageIdentifierKey is not a string');
  return {
    principalId,
    policy: readPolicy(policyDocument),
    context: readContext(context),
    ...(isKey ? { usageIdentifierKey } : {}),
  };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new PolicyFault('the result is not JSON');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new PolicyFault(`the result is ${text.slice(0, 80)}, not an object`);
}

function readContext(context: unknown): Readonly<Record<string, string>> {
  if (isNothing(context)) return {};
  if (typeof context !== 'object' || Array.isArray(context)) throw new PolicyFault('context is not an object');
  const given = Object.entries(context as object).filter(([, value]) => !isNothing(value));
  return Object.fromEntries(
    given.map(([name, value]) => {
      if (['string', 'number', 'boolean'].includes(typeof value)) return [name, String(value)];
      throw new PolicyFault(`context.${name} is neither a string nor a number nor a boolean`);
    }),
  );
}

const isNothing = (value: unknown): value is null | undefined => value === null || value === undefined;
