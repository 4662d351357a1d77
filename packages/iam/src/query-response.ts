import type { ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { sendBytes } from '@spillway/http';
import { AwsError } from '@spillway/wire';
import type * as FastXmlParser from 'fast-xml-parser';

/** An element's content: text, elements by name, or several of one name. Undefined is left out. */
export type XmlNode = string | number | boolean | undefined | readonly XmlNode[] | { readonly [name: string]: XmlNode };

/** What an operation answers, by the names of its output's members. Undefined: the operation has no output at all. */
export type QueryOutput = { readonly [name: string]: XmlNode } | undefined;

let builder: FastXmlParser.XMLBuilder | undefined;

/** Loaded with the first answer, and as CommonJS, since its ES modules take ten times as long to load. */
function encodeXml(document: XmlNode): Buffer {
  if (builder === undefined) {
    const library = createRequire(import.meta.url)('fast-xml-parser') as typeof FastXmlParser;
    builder = new library.XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@' });
  }
  return Buffer.from(builder.build(document));
}

/** A list as the query protocol writes it. */
export const listOf = (members: readonly XmlNode[]): XmlNode => ({ member: members });

/** A time as the query protocol writes it, whole seconds. */
export const timestamp = (timeMs: number): string => new Date(timeMs).toISOString().replace(/\.\d{3}Z$/, 'Z');

/** Where an answer comes from. */
export interface QueryAnswer {
  readonly operationName: string;
  readonly xmlNamespace: string;
  readonly requestId: string;
}

export async function sendOutput(response: ServerResponse, answer: QueryAnswer, output: QueryOutput): Promise<void> {
  const { operationName, xmlNamespace, requestId } = answer;
  const document = {
    [`${operationName}Response`]: {
      '@xmlns': xmlNamespace,
      ...(output === undefined ? {} : { [`${operationName}Result`]: output }),
      ResponseMetadata: { RequestId: requestId },
    },
  };
  await sendXml(response, 200, document, requestId);
}

/** @see https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#operation-error-serialization */
export async function sendError(
  response: ServerResponse,
  { xmlNamespace, requestId }: Omit<QueryAnswer, 'operationName'>,
  error: unknown,
): Promise<void> {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const known = error instanceof AwsError ? error : new AwsError('InternalError', { cause: error });
  const { code, message, status } = known;
  const document = {
    ErrorResponse: {
      '@xmlns': xmlNamespace,
      Error: { Type: status >= 500 ? 'Receiver' : 'Sender', Code: code, Message: message },
      RequestId: requestId,
    },
  };
  await sendXml(response, status, document, requestId);
}

async function sendXml(response: ServerResponse, status: number, document: XmlNode, requestId: string): Promise<void> {
  const headers = [
    ['x-amzn-RequestId', requestId],
    ['Content-Type', 'text/xml'],
  ] as const;
  await sendBytes(response, status, headers, encodeXml(document));
}
