import type { RestApi } from '@spillway/wire';
import { type PathTemplate, pathTemplates } from '../data-plane/route.ts';
import { badRequest } from './refusal.ts';

/** What serves requests: a copy of the REST API that no later edit changes. */
export interface Deployment {
  readonly id: string;
  readonly restApi: RestApi;
  readonly templates: readonly PathTemplate[];
}

export function deploymentOf(id: string, restApi: RestApi): Deployment {
  const snapshot = structuredClone(restApi);
  return { id, restApi: snapshot, templates: pathTemplates(snapshot.resources) };
}

/** @throws AwsError as AWS refuses it: an API without methods, a method without integration. */
export function assertDeployable({ resources }: RestApi): void {
  const methods = resources.flatMap(({ path, methods }) =>
    Object.entries(methods).map(([httpMethod, method]) => ({ name: `${httpMethod} ${path}`, method })),
  );
  if (methods.length === 0) throw badRequest("The REST API doesn't contain any methods", 'Add one.');
  const bare = methods.find(({ method }) => method.integration === undefined);
  if (bare !== undefined) {
    throw badRequest('No integration defined for method', `Add an integration to ${bare.name}.`);
  }
}
