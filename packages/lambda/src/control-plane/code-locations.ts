import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { requestTarget, send, toBody } from '@spillway/http';
import { AwsError, type Body } from '@spillway/wire';
import { archiveCode } from './code-archive.ts';
import type { StoredCode, VersionDocument } from './function-document.ts';
import type { LambdaContext, LambdaOperation } from './lambda-operation.ts';
import { configurationOf } from './version-configuration.ts';

const PATH = '/2015-03-31/_spillway/code';

/** Whether a request asks for what a location leads to. The location is its own signature: no other is asked for. */
export const isCodeLocation = (request: IncomingMessage): boolean =>
  request.method === 'GET' &&
  // A target makes it a call of CloudWatch Logs, whatever its path.
  request.headers['x-amz-target'] === undefined &&
  requestTarget(request).rawPath.startsWith(`${PATH}/`);

/** How long a location serves, ms, as AWS's does. https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html */
const LIFETIME_MS = 600_000;

/** Gives out URLs of zips that nobody guesses. They end with the process. */
export class CodeLocations {
  readonly #endpointUrl: string;
  readonly #key = randomBytes(32);

  constructor(endpointUrl: string) {
    this.#endpointUrl = endpointUrl;
  }

  ofCode({ sha256 }: StoredCode): string {
    return this.#sign(`zip-${Buffer.from(sha256, 'base64').toString('hex')}`);
  }

  /** Of a function whose code is a template's. */
  ofFunction(functionName: string): string {
    return this.#sign(`function-${functionName}`);
  }

  /** What a location leads to. @throws AwsError `AccessDeniedException`. */
  verify(parameters: Readonly<Record<string, string>>): string {
    const { reference = '', expires = '', signature = '' } = parameters;
    const expected = Buffer.from(this.#signature(reference, expires));
    const given = Buffer.from(signature);
    const isSigned = expected.byteLength === given.byteLength && timingSafeEqual(expected, given);
    if (isSigned && Number(expires) > Date.now()) return reference;
    throw new AwsError('AccessDeniedException', {
      message: 'This location is not one that was given out, or has expired.',
    });
  }

  #sign(reference: string): string {
    const expires = String(Date.now() + LIFETIME_MS);
    // No query: that would look like a presigned call.
    return `${this.#endpointUrl}${PATH}/${reference}/${expires}/${this.#signature(reference, expires)}`;
  }

  #signature(reference: string, expires: string): string {
    return createHmac('sha256', this.#key).update(`${reference} ${expires}`).digest('hex');
  }
}

/** Ours: what stands for the S3 object behind `Code.Location` and `Content.Location`. */
export const codeOperations: readonly LambdaOperation[] = [
  {
    name: 'GetCode',
    method: 'GET',
    path: `${PATH}/{reference}/{expires}/{signature}`,
    run: async (context, { response, parameters, requestId }) => {
      const body = await codeBody(context, context.locations.verify(parameters));
      const headers = [
        ['Content-Type', 'application/zip'],
        ['x-amzn-RequestId', requestId],
      ] as const;
      await send(response, { status: 200, headers, body });
    },
  },
];

async function codeBody(context: LambdaContext, reference: string): Promise<Body> {
  const [, kind, name = ''] = /^(zip|function)-(.*)$/.exec(reference) ?? [];
  if (kind === 'zip') {
    const sha256 = Buffer.from(name, 'hex').toString('base64');
    const file = await open(context.code.path({ sha256 })).catch(() => undefined);
    if (file === undefined) throw gone();
    return toBody(file.createReadStream());
  }
  const found = context.functions.find(name);
  if (found === undefined) throw gone();
  return archiveOf(context, name, found.document.latest);
}

const gone = () => new AwsError('ResourceNotFoundException', { message: 'Nothing has this code any more.' });

/** The zip of a version whose code is a template's. */
export const archiveOf = (context: LambdaContext, functionName: string, version: VersionDocument): Body =>
  archiveCode(configurationOf(functionName, version, context.code), context.ignoredPaths);
