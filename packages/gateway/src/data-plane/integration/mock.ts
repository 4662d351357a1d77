import { bodyOf, type IntegrationResponse } from '@spillway/wire';
import { MATCH_TIMEOUT_MS, matchesWhole } from '../../expression.ts';
import { firstMediaType } from '../binary-media-types.ts';
import { ExecutionError } from '../execution-error.ts';
import { type HeaderList, headerValue } from '../headers.ts';
import type { IntegrationRequest } from '../integration-request.ts';
import type { IntegrationAnswer } from '../transfer/transfer.ts';
import { mockStatusCode } from './mock-template.ts';

// MOCK, as far as a CORS preflight needs it: the request template's statusCode picks an integration response, its literals are the headers,
// its template is the body as it stands. Missing: the template language (refused by name when the API is put).

export function mock(from: IntegrationRequest): () => Promise<IntegrationAnswer> {
  return async () => mockAnswer(from);
}

function mockAnswer({ request, integration }: IntegrationRequest): IntegrationAnswer {
  const template = requestTemplate(integration, firstMediaType(headerValue(request.headers, 'content-type')));
  const statusCode = template === undefined ? undefined : mockStatusCode(template);
  const response = statusCode === undefined ? undefined : select(integration.integrationResponses, statusCode);
  if (response === undefined) {
    throw new ExecutionError('noIntegrationResponse', { detail: `no integration response for status ${statusCode}` });
  }
  const [mediaType, text] = responseTemplate(response, headerValue(request.headers, 'accept'));
  const contentType: HeaderList = mediaType === undefined ? [] : [['Content-Type', mediaType]];
  return {
    from: 'http',
    isHead: false,
    status: Number(response.statusCode),
    headers: [...contentType, ...literalHeaders(response)],
    body: bodyOf(new TextEncoder().encode(text)),
  };
}

/** @throws ExecutionError `unsupportedMediaType` (415) where passthroughBehavior says so. */
function requestTemplate(
  { requestTemplates, passthroughBehavior }: IntegrationRequest['integration'],
  mediaType: string,
): string | undefined {
  const template = requestTemplates[mediaType];
  if (template !== undefined || passthroughBehavior === 'WHEN_NO_MATCH') return template;
  if (passthroughBehavior === 'WHEN_NO_TEMPLATES' && Object.keys(requestTemplates).length === 0) return undefined;
  throw new ExecutionError('unsupportedMediaType', { detail: `no request template for ${mediaType}` });
}

/** By selectionPattern, which must match all of the status; else the default, which has none. */
function select(responses: readonly IntegrationResponse[], statusCode: string): IntegrationResponse | undefined {
  const hasPattern = ({ selectionPattern }: IntegrationResponse) => (selectionPattern ?? '') !== '';
  const matches = ({ selectionPattern = '' }: IntegrationResponse) => isSelected(selectionPattern, statusCode);
  const defaults = responses.filter((response) => !hasPattern(response));
  return (
    responses.filter(hasPattern).find(matches) ??
    defaults.find((response) => response.statusCode === statusCode) ??
    defaults[0]
  );
}

function isSelected(selectionPattern: string, statusCode: string): boolean {
  const isMatch = matchesWhole(selectionPattern, statusCode);
  if (isMatch !== undefined) return isMatch;
  const detail = `the selectionPattern ${selectionPattern} was given up after ${MATCH_TIMEOUT_MS} ms: rewrite it`;
  throw new ExecutionError('noIntegrationResponse', { detail });
}

function responseTemplate({ responseTemplates }: IntegrationResponse, accept: string | undefined) {
  const entries = Object.entries(responseTemplates);
  const wanted = entries.find(([mediaType]) => mediaType === firstMediaType(accept)) ?? entries[0];
  return wanted ?? ([undefined, ''] as const);
}

function literalHeaders({ responseParameters }: IntegrationResponse): HeaderList {
  return Object.entries(responseParameters).map(
    ([target, literal]) => [target.replace('method.response.header.', ''), literal.slice(1, -1)] as const,
  );
}
