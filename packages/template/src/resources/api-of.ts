import type { Properties } from '../properties.ts';
import type { ReadContext, StackDraft } from '../read-context.ts';
import type { RestApiDraft } from '../rest-api-draft.ts';

/** The REST API that `RestApiId` names; undefined, and reported, when it is none of this template. */
export function apiOf(properties: Properties, draft: StackDraft, { problems }: ReadContext): RestApiDraft | undefined {
  const id = properties.requiredText('RestApiId');
  if (id === undefined) return undefined;
  const api = draft.restApis.find(({ options }) => options.id === id);
  if (api === undefined) {
    const message = `RestApiId of ${properties.label} is no REST API of this template: APIs made elsewhere cannot be extended.`;
    problems.unsupported(properties.at('RestApiId'), message);
  }
  return api;
}
