import { functionArn, type Integration } from '@spillway/wire';
import type { FunctionDraft, StackDraft } from './read-context.ts';

/** The function of this template that an integration calls. */
export const integratedFunction = (
  { uri }: Integration,
  { functions }: StackDraft,
  region: string,
): FunctionDraft | undefined =>
  functions.find(({ configuration }) => uri?.includes(`/${functionArn(region, configuration.functionName)}/`));
