import { STATUS_CODES } from 'node:http';
import type { ApiClient } from './api-client.ts';

const EXTENSION_API = '/2020-01-01/extension';
const IDENTIFIER = 'lambda-extension-identifier';

/**
 * Registers as an extension that wants no events. The app's own process, which the function starts, never asks Lambda for anything.
 * @returns the extension's identifier. @throws Error when it was refused.
 */
export async function registerExtension(api: ApiClient): Promise<string> {
  const headers = { 'Lambda-Extension-Name': 'lambda-adapter' };
  const answer = await api.post(`${EXTENSION_API}/register`, Buffer.from('{ "events": [] }'), headers);
  if (answer.status !== 200) throw new Error(`Extension registration failed with status: ${statusLine(answer.status)}`);
  const identifier = answer.headers[IDENTIFIER];
  if (typeof identifier !== 'string') throw new Error('Missing Lambda-Extension-Identifier header');
  return identifier;
}

const statusLine = (status: number) => `${status} ${STATUS_CODES[status] ?? ''}`.trim();

/** Tells Lambda that the extension is ready; nothing ever comes back. @throws Error when Lambda is gone. */
export async function waitAsExtension(api: ApiClient, identifier: string): Promise<void> {
  await api.get(`${EXTENSION_API}/event/next`, { 'Lambda-Extension-Identifier': identifier });
}
