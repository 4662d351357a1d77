import { matchesWildcard } from '@spillway/wire';

/** A statement of an authorizer's policy, its names and patterns as lists. */
interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: Patterns;
  readonly resources: Patterns;
}

interface Patterns {
  readonly patterns: readonly string[];
  /** `NotAction`, `NotResource`: all but these. */
  readonly isInverted: boolean;
}

type Decision = 'allow' | 'deny' | 'explicitDeny';

/** A policy that was read once and is asked for each method that it may be about. */
export interface AccessPolicy {
  decide(methodArn: string): Decision;
}

/** What is wrong with a policy. */
export class PolicyFault extends Error {}

/**
 * Reads a `policyDocument`.
 * @throws PolicyFault for what is no policy, and for `Condition`, which is not served here.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
 */
export function readPolicy(document: unknown): AccessPolicy {
  const { Statement: given } = record('policyDocument', document);
  const list = Array.isArray(given) ? given : [given];
  if (given === undefined || list.length === 0) throw new PolicyFault('policyDocument has no Statement');
  const statements = list.map(readStatement);
  return { decide: (methodArn) => decide(statements, methodArn) };
}

function decide(statements: readonly Statement[], methodArn: string): Decision {
  const fitting = statements.filter(
    ({ actions, resources }) => fits(actions, 'execute-api:invoke') && fits(resources, methodArn),
  );
  if (fitting.some(({ effect }) => effect === 'Deny')) return 'explicitDeny';
  return fitting.length > 0 ? 'allow' : 'deny';
}

const fits = ({ patterns, isInverted }: Patterns, text: string) =>
  patterns.some((pattern) => matchesWildcard(pattern, text)) !== isInverted;

function readStatement(value: unknown, index: number): Statement {
  const place = `Statement[${index}]`;
  const statement = record(place, value);
  const { Effect: effect, Condition: condition } = statement;
  if (effect !== 'Allow' && effect !== 'Deny') throw new PolicyFault(`${place}.Effect is neither Allow nor Deny`);
  if (condition !== undefined) throw new PolicyFault(`${place}.Condition is not supported here`);
  return {
    effect,
    actions: withoutCase(readPatterns(place, statement, 'Action')),
    resources: readPatterns(place, statement, 'Resource'),
  };
}

function readPatterns(place: string, statement: Readonly<Record<string, unknown>>, name: string): Patterns {
  const isInverted = statement[name] === undefined;
  const value = isInverted ? statement[`Not${name}`] : statement[name];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const patterns = list.filter((pattern) => typeof pattern === 'string');
  if (patterns.length === 0 || patterns.length < list.length) {
    throw new PolicyFault(`${place}.${name} is neither a string nor a list of strings`);
  }
  return { patterns, isInverted };
}

const withoutCase = ({ patterns, isInverted }: Patterns): Patterns => ({
  patterns: patterns.map((pattern) => pattern.toLowerCase()),
  isInverted,
});

function record(place: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new PolicyFault(`${place} is not an object`);
}
