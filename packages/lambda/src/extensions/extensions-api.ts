// The Extensions API of one execution environment, on the host and port of its Runtime API.
//
// Same as AWS, by AWS's own emulator and the documentation: register, event/next, init/error and exit/error with their statuses, headers,
// bodies and error types (403 all of them), the states of an extension, external and internal extensions, at most ten, the end of
// registration. On purpose: reasons of SHUTDOWN are in lower case, as in the emulator; the documentation has upper case.
// Missing: the Logs and the Telemetry API, which answer as the emulator's own stubs do (202 and `NotSupported`).
import type { IncomingMessage, ServerResponse } from 'node:http';
import { toBody } from '@spillway/http';
import { ACCOUNT_ID, readWhole } from '@spillway/wire';
import { RuntimeApiError } from '../runtime-api/errors.ts';
import { sendJson, sendOk } from '../runtime-api/replies.ts';
import type { Extension } from './extension.ts';
import type { ExtensionRegistry } from './registry.ts';

export const EXTENSIONS_API_PATH = '/2020-01-01/extension/';

/** A list of two events, and room for what we do not know. */
const MAX_REGISTRATION_BYTES = 65_536;

export interface ExtensionsApiOptions {
  readonly functionName: string;
  readonly version?: string;
  readonly handler: string;
  readonly registry: ExtensionRegistry;
  /** An extension registered or asked for its next event. */
  readonly onChange: () => void;
}

/** @throws RuntimeApiError for the caller. */
export type ExtensionsApi = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void>;

/** The calls below {@link EXTENSIONS_API_PATH}; `path` has no query. */
export function extensionsApi(options: ExtensionsApiOptions): ExtensionsApi {
  const { functionName, version: functionVersion = '$LATEST', handler, registry, onChange } = options;
  const register: ExtensionsApi = async (request, response) => {
    const extension = registry.register(nameOf(request), await requestedEvents(request));
    const wantsAccountId = String(request.headers['lambda-extension-accept-feature'] ?? '')
      .split(',')
      .some((feature) => feature.trim() === 'accountId');
    sendJson(
      response,
      200,
      { functionName, functionVersion, handler, ...(wantsAccountId && { accountId: ACCOUNT_ID }) },
      { 'Lambda-Extension-Identifier': extension.id },
    );
    onChange();
  };
  const next: ExtensionsApi = async (request, response) => {
    const id = identifierOf(request);
    const extension = registry.get(id, `Unknown extension ${id}`);
    extension.next(response);
    onChange();
    extension.handOverDue();
  };
  const failed = (state: 'InitError' | 'ExitError'): ExtensionsApi => {
    return async (request, response) => {
      const id = identifierOf(request);
      const errorType = request.headers['lambda-extension-function-error-type'];
      if (!errorType) throw new RuntimeApiError('Extension.MissingHeader');
      const extension: Extension = registry.get(id);
      registry.report(extension, state, String(errorType));
      request.resume();
      sendOk(response);
    };
  };
  const calls: Readonly<Record<string, ExtensionsApi>> = {
    'POST register': register,
    'GET event/next': next,
    'POST init/error': failed('InitError'),
    'POST exit/error': failed('ExitError'),
  };
  return (request, response, path) => {
    const call = calls[`${request.method} ${path.slice(EXTENSIONS_API_PATH.length)}`];
    if (!call) return Promise.reject(new RuntimeApiError('NotFound', 'No such operation of the Extensions API'));
    return call(request, response, path);
  };
}

function nameOf(request: IncomingMessage): string {
  const name = String(request.headers['lambda-extension-name'] ?? '');
  if (name === '') throw new RuntimeApiError('Extension.InvalidExtensionName');
  return name;
}

function identifierOf(request: IncomingMessage): string {
  const id = String(request.headers['lambda-extension-identifier'] ?? '');
  if (id === '') throw new RuntimeApiError('Extension.MissingExtensionIdentifier');
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) {
    throw new RuntimeApiError('Extension.InvalidExtensionIdentifier');
  }
  return id;
}

async function requestedEvents(request: IncomingMessage): Promise<readonly string[]> {
  let document: { readonly events?: unknown; readonly configurationKeys?: unknown };
  try {
    const bytes = await readWhole(toBody(request), MAX_REGISTRATION_BYTES, 'RequestEntityTooLargeException');
    document = JSON.parse(Buffer.from(bytes).toString());
  } catch (error) {
    throw new RuntimeApiError('InvalidRequestFormat', (error as Error).message);
  }
  const { events, configurationKeys } = document ?? {};
  if (Array.isArray(configurationKeys) && configurationKeys.length > 0) {
    throw new RuntimeApiError(
      'InvalidRequestFormat',
      'configurationKeys are deprecated; use environment variables instead',
    );
  }
  if (events === undefined || events === null) return [];
  if (Array.isArray(events) && events.every((event) => typeof event === 'string')) return events;
  throw new RuntimeApiError('InvalidRequestFormat', 'events is not a list of strings');
}
