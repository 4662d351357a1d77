// Bucket policies. Same as S3: who may read is decided by `s3:GetObject` granted to everyone, on the bucket's objects by pattern, and
// a Deny wins, over the account too. On purpose: statements for others than everyone (accounts, roles, services) are stored and
// reported as not evaluated, since every signed caller here is the account itself. Missing, and refused by name (501
// NotImplemented): conditions, NotPrincipal, NotAction, NotResource, policy variables, and other actions granted to everyone.
import { AwsError, matchesWildcard } from '@spillway/wire';

/** What a policy says here. */
export interface BucketPolicy {
  /** As it was put. */
  readonly text: string;
  /** It allows something to everyone. */
  readonly isPublic: boolean;
  /** Statements without effect here, and why. */
  readonly notEvaluated: readonly string[];
  allowsEveryone(key: string): boolean;
  deniesEveryone(key: string): boolean;
}

interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly keyPatterns: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

/** GetObjectVersion is taken along since policies name the two together, and there are no versions to read. */
const ACTIONS = ['s3:getobject', 's3:getobjectversion'];

const STATEMENT_ELEMENTS = [
  ...['Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'],
];

/**
 * Reads the policy of a bucket.
 * @throws AwsError `MalformedPolicy`; `NotImplemented` for what would have an effect on S3 and has none here.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html
 */
export function readBucketPolicy(text: string, bucketName: string): BucketPolicy {
  const document = parse(text);
  const notEvaluated: string[] = [];
  const statements = list(document['Statement']).flatMap((statement, index) => {
    if (!isObject(statement)) throw malformed('Statement is not an object');
    const name = typeof statement['Sid'] === 'string' ? statement['Sid'] : `Statement ${index + 1}`;
    const read = readStatement(statement, name, bucketName);
    if (read === undefined)
      notEvaluated.push(`${name}: for others than everyone; every signed caller is the account itself`);
    return read ?? [];
  });
  const says = (effect: Statement['effect'], key: string) =>
    statements.some(
      (statement) => statement.effect === effect && statement.keyPatterns.some((keys) => matchesWildcard(keys, key)),
    );
  return {
    text,
    notEvaluated,
    isPublic: statements.some(({ effect }) => effect === 'Allow'),
    allowsEveryone: (key) => says('Allow', key),
    deniesEveryone: (key) => says('Deny', key),
  };
}

function parse(text: string): Json {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new AwsError('MalformedPolicy', { cause: error });
  }
  if (!isObject(document)) throw new AwsError('MalformedPolicy');
  if (document['Version'] !== undefined && !['2012-10-17', '2008-10-17'].includes(String(document['Version']))) {
    throw malformed('The policy must contain a valid version string');
  }
  if (list(document['Statement']).length === 0) throw malformed('Missing required field Statement');
  return document;
}

/** Undefined: it is not for everyone. */
function readStatement(statement: Json, name: string, bucketName: string): Statement | undefined {
  const effect = statement['Effect'];
  if (effect !== 'Allow' && effect !== 'Deny') throw malformed(`Invalid effect: ${String(effect)}`);
  const unknown = Object.keys(statement).find((element) => !STATEMENT_ELEMENTS.includes(element));
  if (unknown !== undefined) throw malformed(`Policy has an invalid element: ${unknown}`);
  if (statement['NotPrincipal'] !== undefined) throw notImplemented(name, 'NotPrincipal');
  const resources = texts(statement['Resource']);
  if (statement['NotResource'] !== undefined) throw notImplemented(name, 'NotResource');
  if (resources.some((resource) => !isOfBucket(resource, bucketName))) throw malformed('Policy has invalid resource');
  if (!isForEveryone(statement['Principal'])) return undefined;
  if (statement['Condition'] !== undefined)
    throw notImplemented(name, `Condition ${JSON.stringify(statement['Condition'])}`);
  if (statement['NotAction'] !== undefined) throw notImplemented(name, 'NotAction');
  refuseOtherActions(name, texts(statement['Action']));
  // Policies often name the bucket beside its objects. S3 takes that as long as the action applies to one of them.
  const objects = resources.filter((resource) => resource.startsWith(`${arn(bucketName)}/`));
  if (objects.length === 0) throw malformed('Action does not apply to any resource(s) in statement');
  return { effect, keyPatterns: objects.map((resource) => keyPattern(name, resource, bucketName)) };
}

function isForEveryone(principal: unknown): boolean {
  if (principal === '*') return true;
  if (!isObject(principal) || Object.keys(principal).length === 0) throw malformed('Invalid principal in policy');
  const isWildcard = Object.entries(principal).find(([, value]) => list(value).includes('*'));
  if (isWildcard !== undefined && isWildcard[0] !== 'AWS') throw malformed('Invalid principal in policy');
  return isWildcard !== undefined;
}

function refuseOtherActions(name: string, actions: readonly string[]): void {
  if (actions.length === 0) throw malformed('Missing required field Action');
  const other = actions.find((action) => !ACTIONS.includes(action.toLowerCase()));
  if (other !== undefined) throw notImplemented(name, `Action ${other} for everyone (s3:GetObject is)`);
}

const isOfBucket = (resource: string, bucketName: string) =>
  resource === arn(bucketName) || resource.startsWith(`${arn(bucketName)}/`);

const arn = (bucketName: string) => `arn:aws:s3:::${bucketName}`;

/** Of an object's ARN, with `*` and `?` in the key. */
function keyPattern(name: string, resource: string, bucketName: string): string {
  if (resource.includes('${')) throw notImplemented(name, `a policy variable in Resource ${resource}`);
  const pattern = resource.slice(arn(bucketName).length + 1);
  if (pattern === '') throw malformed('Action does not apply to any resource(s) in statement');
  return pattern;
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const list = (value: unknown): readonly unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

function texts(value: unknown): readonly string[] {
  const values = list(value);
  if (values.some((text) => typeof text !== 'string')) throw malformed('Policy has invalid resource or action');
  return values as readonly string[];
}

const malformed = (message: string) => new AwsError('MalformedPolicy', { message });

const notImplemented = (statementName: string, what: string) =>
  new AwsError('NotImplemented', {
    message: `${statementName}: ${what} is not evaluated here, so the policy was not put.`,
  });
