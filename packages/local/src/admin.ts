import type { IncomingMessage, ServerResponse } from 'node:http';
import { requestTarget, sendJson } from '@spillway/http';
import { ADMIN_PATH, type FunctionConfiguration, type FunctionSummary } from '@spillway/wire';

/** What of the services Spillway's own commands read. */
export interface AdminSources {
  functions(): readonly FunctionConfiguration[];
  /** CloudWatch Logs, with Lambda beside it. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

// Spillway's own endpoints, for its command: GET /_spillway/functions, and FilterLogEvents at POST /_spillway/logs, which asks for no
// signature. No AWS service has them; they change nothing.
export async function admin(request: IncomingMessage, response: ServerResponse, sources: AdminSources): Promise<void> {
  const { rawPath } = requestTarget(request);
  if (rawPath === `${ADMIN_PATH}logs` && request.headers['x-amz-target'] === 'Logs_20140328.FilterLogEvents') {
    await sources.handle(request, response);
    return;
  }
  if (request.method !== 'GET' || rawPath !== `${ADMIN_PATH}functions`) {
    await sendJson(response, 404, { message: `There is no ${request.method} ${rawPath}.` });
    return;
  }
  await sendJson(response, 200, sources.functions().map(summary));
}

const summary = ({ functionName, logicalId, logGroup }: FunctionConfiguration): FunctionSummary => ({
  functionName,
  ...(logicalId === undefined ? {} : { logicalId }),
  logGroupName: logGroup ?? `/aws/lambda/${functionName}`,
});
