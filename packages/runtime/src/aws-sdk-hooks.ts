// Runs in the thread that resolves ES modules, for Node.js before 22.15: see aws-sdk.ts.
import { explain, isAwsSdk } from './aws-sdk.ts';

type Resolved = Promise<{ url: string }>;

/** @see https://nodejs.org/docs/latest-v20.x/api/module.html#resolvespecifier-context-nextresolve */
export async function resolve(
  specifier: string,
  context: object,
  nextResolve: (specifier: string, context: object) => Resolved,
): Resolved {
  try {
    return await nextResolve(specifier, context);
  } catch (error) {
    if (!isAwsSdk(specifier)) throw error;
    return nextResolve(specifier, { ...context, parentURL: import.meta.url }).catch(() => {
      throw error instanceof Error ? explain(error, specifier) : error;
    });
  }
}
