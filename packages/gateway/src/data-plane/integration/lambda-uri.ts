/** The last part of an integration uri: which of Lambda's two calls it names. */
export type InvocationAction = 'invocations' | 'response-streaming-invocations';

export interface LambdaUri {
  /** May hold `${stageVariables.x}`. */
  readonly functionArn: string;
  readonly action: InvocationAction;
}

const URI =
  /^arn:[^:]+:apigateway:[^:]*:lambda:path\/(?:(2015-03-31)|2021-11-15)\/functions\/(.+?)\/(invocations|response-streaming-invocations)\/?$/;

/** Undefined when the uri names no Lambda function, or a version and an action that do not belong together. */
export function parseLambdaUri(uri: string): LambdaUri | undefined {
  const [, oldVersion, functionArn, action] = URI.exec(uri) ?? [];
  if (functionArn === undefined || action === undefined) return undefined;
  if ((oldVersion !== undefined) !== (action === 'invocations')) return undefined;
  return { functionArn, action: action as InvocationAction };
}

/** Fills in `${stageVariables.x}`; one that is not set is an empty text. */
export function renderStageVariables(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{stageVariables\.([A-Za-z0-9_]+)\}/g, (_, name: string) =>
    Object.hasOwn(variables, name) ? (variables[name] ?? '') : '',
  );
}
