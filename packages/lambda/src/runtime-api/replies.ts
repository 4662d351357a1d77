import type { ServerResponse } from 'node:http';
import type { RuntimeApiError } from './errors.ts';

export const sendOk = (response: ServerResponse): void => sendJson(response, 202, { status: 'OK' });

export const sendError = (response: ServerResponse, { status, errorType, message }: RuntimeApiError): void =>
  sendJson(response, status, { errorMessage: message, errorType });

export function sendJson(
  response: ServerResponse,
  status: number,
  document: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.destroyed || response.headersSent) return;
  const text = `${JSON.stringify(document)}\n`;
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}
