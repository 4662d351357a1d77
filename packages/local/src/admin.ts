import type { IncomingMessage, ServerResponse } from 'node:http';
import { requestTarget, sendJson } from '@spillway/http';
import { ADMIN_PATH, type FunctionConfiguration, type FunctionSummary } from '@spillway/wire';

// Spillway's own endpoint, for its command: GET /_spillway/functions. No AWS service has it; it changes nothing.
export async function admin(
  request: IncomingMessage,
  response: ServerResponse,
  functions: readonly FunctionConfiguration[],
): Promise<void> {
  const { rawPath } = requestTarget(request);
  if (request.method !== 'GET' || rawPath !== `${ADMIN_PATH}functions`) {
    await sendJson(response, 404, { message: `There is no ${request.method} ${rawPath}.` });
    return;
  }
  await sendJson(response, 200, functions.map(summary));
}

const summary = ({ functionName, logicalId, logGroup }: FunctionConfiguration): FunctionSummary => ({
  functionName,
  ...(logicalId === undefined ? {} : { logicalId }),
  logGroupName: logGroup ?? `/aws/lambda/${functionName}`,
});
