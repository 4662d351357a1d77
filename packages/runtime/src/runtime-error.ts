import { isNativeError } from 'node:util/types';
import type { ErrorDocument } from '@spillway/wire/runtime-api';

const NAMES = [
  'ImportModuleError',
  'HandlerNotFound',
  'MalformedHandlerName',
  'UserCodeSyntaxError',
  'MalformedStreamingHandler',
  'InvalidStreamingOperation',
  'UnhandledPromiseRejection',
] as const;

/** What AWS's runtime says in its own name, as `Runtime.HandlerNotFound`. */
export type RuntimeErrorName = (typeof NAMES)[number];

// A class for each, because logs in JSON name the class. The name is the prototype's, or logs would show it beside errorType.
const CLASSES = new Map(
  NAMES.map((name) => {
    const errorClass = { [name]: class extends Error {} }[name] ?? Error;
    Object.defineProperty(errorClass.prototype, 'name', {
      value: `Runtime.${name}`,
      writable: true,
      configurable: true,
    });
    return [name, errorClass];
  }),
);

/** An error of the runtime. Its message is `cause` as text, so that one error made of another opens with the other's type. */
export function runtimeError(name: RuntimeErrorName, cause: unknown): Error {
  const errorClass = CLASSES.get(name) ?? Error;
  return new errorClass(textOf(cause));
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
export const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(textOf(thrown)));

const textOf = (thrown: unknown) => (thrown === undefined ? '' : String(thrown));

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
