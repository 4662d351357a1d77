import type { RestApi } from '@spillway/wire';
import { UsageError } from '@spillway/wire';
import { type PathTemplate, pathTemplates } from '../data-plane/route.ts';

/** What serves requests: a copy of the REST API that no later edit changes. */
export interface Deployment {
  readonly id: string;
  readonly restApi: RestApi;
  readonly templates: readonly PathTemplate[];
}

/** @throws UsageError as AWS refuses it: an API without methods, a method without integration. */
export function deploymentOf(id: string, restApi: RestApi): Deployment {
  const snapshot = structuredClone(restApi);
  const methods = snapshot.resources.flatMap(({ path, methods }) =>
    Object.entries(methods).map(([httpMethod, method]) => ({ name: `${httpMethod} ${path}`, method })),
  );
  if (methods.length === 0) {
    throw new UsageError(
      `REST API ${restApi.id} (${restApi.name}): The REST API doesn't contain any methods. Add one.`,
    );
  }
  const bare = methods.find(({ method }) => method.integration === undefined);
  if (bare !== undefined) {
    throw new UsageError(
      `REST API ${restApi.id} (${restApi.name}): No integration defined for method ${bare.name}. Add its integration.`,
    );
  }
  return { id, restApi: snapshot, templates: pathTemplates(snapshot.resources) };
}
