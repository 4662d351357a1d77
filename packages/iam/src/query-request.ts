import type { IncomingMessage } from 'node:http';
import { toBody } from '@spillway/http';
import { readWhole } from '@spillway/wire';

/** More than the largest policy document, each of its bytes escaped. */
const MAX_REQUEST_BYTES = 1_048_576;

/** The parameters of a call in AWS's query protocol, by their names as sent: `Tags.member.1.Key`. */
export type QueryInput = ReadonlyMap<string, string>;

/**
 * Reads the form that a call of the query protocol is.
 * @throws AwsError `InvalidInput` when it is too large.
 * @see https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
export async function readQueryInput(request: IncomingMessage): Promise<QueryInput> {
  const bytes = await readWhole(toBody(request), MAX_REQUEST_BYTES, 'InvalidInput');
  return new Map(new URLSearchParams(Buffer.from(bytes).toString()));
}

/** The members of a list: `Tags.member.1.Key=a&Tags.member.1.Value=b` is `[{ Key: 'a', Value: 'b' }]`; of a list of strings, each has the name ''. */
export function listMembers(input: QueryInput, name: string): readonly QueryInput[] {
  const members = new Map<number, Map<string, string>>();
  for (const [parameter, value] of input) {
    const [, index, , member = ''] = matchMember(parameter, name) ?? [];
    if (index === undefined) continue;
    const fields = members.get(Number(index)) ?? new Map<string, string>();
    members.set(Number(index), fields.set(member, value));
  }
  return [...members].sort(([one], [other]) => one - other).map(([, fields]) => fields);
}

function matchMember(parameter: string, name: string): RegExpExecArray | null {
  if (!parameter.startsWith(`${name}.member.`)) return null;
  return /^(\d{1,4})(\.(.+))?$/.exec(parameter.slice(name.length + '.member.'.length));
}
