import { requestTarget } from '@spillway/http';
import { AwsError } from '@spillway/wire';
import { functionNotFound, parseFunctionName } from '../function-name.ts';
import { textMap } from './input-members.ts';
import { type JsonCall, jsonOperation, type LambdaContext, type LambdaOperation } from './lambda-operation.ts';
import { unsupported } from './refused-settings.ts';
import type { RegisteredFunction } from './registered-function.ts';
import { checkTags } from './tags.ts';

const TAGS = '/2017-03-31/tags/{Resource+}';

export const tagOperations: readonly LambdaOperation[] = [
  jsonOperation('ListTags', {
    at: `GET ${TAGS}`,
    status: 200,
    run: (context, call) => ({ Tags: taggedFunction(context, call).document.tags }),
  }),
  jsonOperation('TagResource', { at: `POST ${TAGS}`, status: 204, run: tagResource }),
  jsonOperation('UntagResource', { at: `DELETE ${TAGS}`, status: 204, run: untagResource }),
];

async function tagResource(context: LambdaContext, call: JsonCall): Promise<undefined> {
  const found = taggedFunction(context, call);
  const added = textMap(call.input, 'Tags') ?? {};
  if (Object.keys(added).length === 0) {
    throw new AwsError('InvalidParameterValueException', {
      message: 'An error occurred and the request cannot be processed: no tags were given.',
    });
  }
  await found.change((document) => [{ ...document, tags: checkTags({ ...document.tags, ...added }) }, undefined]);
}

async function untagResource(context: LambdaContext, call: JsonCall): Promise<undefined> {
  const found = taggedFunction(context, call);
  const { query } = requestTarget(call.request);
  const keys = query.filter(([name]) => name === 'tagKeys').map(([, key]) => key.replaceAll('+', ' '));
  if (keys.length === 0) {
    throw new AwsError('ValidationException', {
      message:
        "1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member must not be null",
    });
  }
  await found.change((document) => {
    const tags = Object.entries(document.tags).filter(([key]) => !keys.includes(key));
    return [{ ...document, tags: Object.fromEntries(tags) }, undefined];
  });
}

/** @throws AwsError `ResourceNotFoundException`, `InvalidParameterValueException` for what has no tags. */
function taggedFunction({ functions, region }: LambdaContext, { parameters }: JsonCall): RegisteredFunction {
  const { Resource: resource = '' } = parameters;
  if (/:(event-source-mapping|code-signing-config|capacity-provider):/.test(resource)) {
    throw unsupported(`tags of ${resource}`);
  }
  const reference = parseFunctionName(resource, region);
  if (reference.qualifier !== undefined) {
    throw new AwsError('InvalidParameterValueException', {
      message: 'Tags on function aliases and versions are not supported. Please specify a function ARN.',
    });
  }
  const found = functions.find(reference.name);
  if (found === undefined) throw functionNotFound(region, reference);
  return found;
}
