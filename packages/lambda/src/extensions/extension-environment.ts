/** What the runtime has and extensions do not. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html */
const RUNTIME_ONLY: ReadonlySet<string> = new Set([
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_XRAY_CONTEXT_MISSING',
  'AWS_XRAY_DAEMON_ADDRESS',
  'LAMBDA_RUNTIME_DIR',
  'LAMBDA_TASK_ROOT',
]);

/** The environment variables of an extension, out of those of its runtime. */
export const extensionEnvironment = (variables: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(variables).filter(([name]) => !name.startsWith('_') && !RUNTIME_ONLY.has(name)));
