import { isNativeError } from 'node:util/types';
import type { ErrorDocument } from '@spillway/wire/runtime-api';

/** What AWS's runtime says in its own name, as `Runtime.HandlerNotFound`. */
export type RuntimeErrorName =
  | 'ImportModuleError'
  | 'HandlerNotFound'
  | 'MalformedHandlerName'
  | 'UserCodeSyntaxError'
  | 'MalformedStreamingHandler'
  | 'InvalidStreamingOperation'
  | 'UnhandledPromiseRejection';

/** An error of the runtime. Its message is `cause` as text, so that one error made of another opens with the other's type. */
export function runtimeError(name: RuntimeErrorName, cause: unknown): Error {
  const error = new Error(String(cause));
  // Hidden, or logs would show it a second time beside errorType.
  Object.defineProperty(error, 'name', { value: `Runtime.${name}`, enumerable: false });
  Error.captureStackTrace(error, runtimeError);
  return error;
}

interface ErrorLike {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

/** What is posted for anything that was thrown: the stack as `trace`, or only type and text of what is no error. */
export function errorDocument(thrown: unknown): ErrorDocument {
  try {
    if (!isErrorLike(thrown)) return { errorType: typeof thrown, errorMessage: String(asObject(thrown)), trace: [] };
    return {
      errorType: printable(thrown.name),
      errorMessage: printable(thrown.message),
      trace: printable(thrown.stack).split('\n'),
    };
  } catch {
    return {
      errorType: 'handled',
      errorMessage:
        'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack',
    };
  }
}

function isErrorLike(thrown: unknown): thrown is ErrorLike {
  if (isNativeError(thrown)) return true;
  const { name, message, stack } = (thrown ?? {}) as Record<string, unknown>;
  return [name, message, stack].every((part) => typeof part === 'string' && part !== '');
}

/** Null and undefined have no text of their own for AWS's client. */
function asObject(thrown: unknown): unknown {
  if (thrown === null || thrown === undefined) throw new TypeError('nothing was thrown');
  return thrown;
}

/** DEL is not allowed in the header that may hold such text. */
const printable = (text: string) => text.replaceAll('\x7F', '%7F');

/** `thrown` itself, or an error with it as its message. */
export const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));

/** One line of JSON for the log: type, message and code, then all own properties, then the stack. */
export function describeError(error: Error): string {
  try {
    return JSON.stringify(error, (_key, value: unknown) => (value instanceof Error ? withEverything(value) : value));
  } catch {
    return JSON.stringify(errorDocument(error));
  }
}

function withEverything(error: Error & { code?: unknown }): object {
  const described = { errorType: error.name, errorMessage: error.message, code: error.code, ...error };
  return typeof error.stack === 'string' ? { ...described, stack: error.stack.split('\n') } : described;
}
