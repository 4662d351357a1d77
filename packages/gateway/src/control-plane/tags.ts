import type { ApiKeyDocument, RestApiDocument, StageDocument } from './documents.ts';
import { unknownApi } from './find.ts';
import { type Call, type ControlPlane, noContent, type Operation, ok, parameter, queryValues } from './operation.ts';
import { badRequest, notFound } from './refusal.ts';

// TagResource, UntagResource, GetTags, of REST APIs, stages and API keys. Same as AWS: ARNs, answers.

const TAGS = '/tags/{resource_arn+}';

export const TAG_OPERATIONS: readonly Operation[] = [
  { name: 'TagResource', method: 'PUT', path: TAGS, run: tagResource },
  { name: 'UntagResource', method: 'DELETE', path: TAGS, run: untagResource },
  { name: 'GetTags', method: 'GET', path: TAGS, run: getTags },
];

type Tags = Readonly<Record<string, string>>;
type Tagged = RestApiDocument | StageDocument | ApiKeyDocument;

const MAX_TAGS = 50;

async function tagResource(call: Call, controlPlane: ControlPlane) {
  const tagged = find(call, controlPlane);
  const tags = { ...tagsOf(tagged), ...call.input.record('tags') };
  if (Object.keys(tags).length > MAX_TAGS) throw badRequest(`A resource can have at most ${MAX_TAGS} tags`);
  await controlPlane.restApis.write([withTags(tagged, tags)]);
  return noContent();
}

async function untagResource(call: Call, controlPlane: ControlPlane) {
  const tagged = find(call, controlPlane);
  const gone = queryValues(call, 'tagKeys');
  const kept = Object.entries(tagsOf(tagged)).filter(([key]) => !gone.includes(key));
  await controlPlane.restApis.write([withTags(tagged, Object.fromEntries(kept))]);
  return noContent();
}

function getTags(call: Call, controlPlane: ControlPlane) {
  return ok({ tags: tagsOf(find(call, controlPlane)) });
}

/** `arn:aws:apigateway:us-east-1::/restapis/abc/stages/prod` */
const ARN = /^arn:[^:]+:apigateway:[^:]+:[^:]*:\/(?:restapis\/([^/]+)(?:\/stages\/([^/]+))?|apikeys\/([^/]+))$/;

function find(call: Call, { restApis }: ControlPlane): Tagged {
  const [arn, restApiId, stageName, apiKeyId] = ARN.exec(parameter(call, 'resource_arn')) ?? [];
  if (arn === undefined) throw badRequest('Invalid ARN specified in the request');
  if (apiKeyId !== undefined) return known(restApis.apiKey(apiKeyId), () => notFound('API Key'));
  const restApi = known(restApis.restApi(restApiId ?? ''), () => unknownApi(restApiId ?? ''));
  if (stageName === undefined) return restApi;
  return known(restApis.stageDocument(restApiId ?? '', stageName), () => notFound('Stage'));
}

function known<Document>(document: Document | undefined, otherwise: () => Error): Document {
  if (document === undefined) throw otherwise();
  return document;
}

function tagsOf(tagged: Tagged): Tags {
  if (tagged.kind === 'restApi') return tagged.restApi.tags ?? {};
  return (tagged.kind === 'stage' ? tagged.configuration.tags : tagged.apiKey.tags) ?? {};
}

function withTags(tagged: Tagged, tags: Tags): Tagged {
  if (tagged.kind === 'restApi') return { ...tagged, restApi: { ...tagged.restApi, tags } };
  if (tagged.kind === 'stage') return { ...tagged, configuration: { ...tagged.configuration, tags } };
  return { ...tagged, apiKey: { ...tagged.apiKey, tags } };
}
