import { AwsError, atMost, type Body, bodyOf } from '@spillway/wire';
import { unzippedBytes } from '../unzip.ts';
import type { FunctionSettings, StoredCode } from './function-document.ts';
import { type Input, text } from './input-members.ts';
import type { LambdaContext } from './lambda-operation.ts';
import { unsupported } from './refused-settings.ts';

// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const ZIPPED_BYTES = 52_428_800;
const UNZIPPED_BYTES = 262_144_000;

/** Of a request that carries a zip. */
export const CODE_REQUEST_BYTES = 70_167_211;

/**
 * Stores the zip that a request carries or names and hands it to `use`. `source`: `Code` of CreateFunction, `Content` of
 * PublishLayerVersion, or the whole input of UpdateFunctionCode.
 * @throws AwsError `InvalidParameterValueException`, `RequestEntityTooLargeException`.
 */
export async function withCode<T>(
  context: LambdaContext,
  source: Input,
  use: (code: StoredCode) => Promise<T>,
): Promise<T> {
  return context.code.store(await contentOf(context, source), measure, use);
}

/** @throws AwsError `InvalidParameterValueException` when code and layers are too large together. */
export function checkTotalSize(code: Pick<StoredCode, 'unzippedBytes'>, { layers }: FunctionSettings): void {
  const layerBytes = layers.map(({ content }) => (content.kind === 'stored' ? content.unzippedBytes : 0));
  const total = layerBytes.reduce((sum, sizeBytes) => sum + sizeBytes, code.unzippedBytes);
  if (layers.length === 0 || total <= UNZIPPED_BYTES) return;
  throw invalid(
    `Function code combined with layers exceeds the maximum allowed size of ${UNZIPPED_BYTES} bytes. The actual size is ${total} bytes.`,
  );
}

async function contentOf(context: LambdaContext, source: Input): Promise<Body> {
  for (const name of ['ImageUri', 'S3ObjectVersion', 'SourceKMSKeyArn']) {
    if (source[name] !== undefined) throw unsupported(name);
  }
  const zipFile = text(source, 'ZipFile');
  const bucketName = text(source, 'S3Bucket');
  const key = text(source, 'S3Key');
  if (zipFile !== undefined) {
    if (bucketName !== undefined || key !== undefined) {
      throw invalid('Please do not provide other FunctionCode parameters when providing a ZipFile.');
    }
    return bodyOf(decoded(zipFile));
  }
  if (bucketName === undefined || key === undefined) throw invalid('Please provide a source for function code.');
  return objectContent(context, bucketName, key);
}

function decoded(zipFile: string): Uint8Array {
  const bytes = Buffer.from(zipFile, 'base64');
  if (bytes.byteLength <= ZIPPED_BYTES) return bytes;
  throw new AwsError('RequestEntityTooLargeException', {
    message: `Zipped size must be smaller than ${ZIPPED_BYTES} bytes`,
  });
}

async function objectContent({ readObject }: LambdaContext, bucketName: string, key: string): Promise<Body> {
  if (readObject === undefined) throw unsupported('S3Bucket and S3Key where there is no S3');
  try {
    return limited(await readObject(bucketName, key));
  } catch (error) {
    throw asObjectError(error);
  }
}

async function* limited(content: Body): Body {
  try {
    yield* atMost(UNZIPPED_BYTES, content);
  } catch (error) {
    throw asObjectError(error);
  }
}

function asObjectError(error: unknown): unknown {
  if (!(error instanceof AwsError)) return error;
  if (error.code === 'Function.ResponseSizeTooLarge') return tooLarge();
  return invalid(
    `Error occurred while GetObject. S3 Error Code: ${error.code}. S3 Error Message: ${error.message}`,
    error,
  );
}

async function measure(path: string): Promise<number> {
  const sizeBytes = await unzippedBytes(path).catch((error: unknown) => {
    throw invalid('Could not unzip uploaded file. Please check your file, then try to upload again.', error);
  });
  if (sizeBytes > UNZIPPED_BYTES) throw tooLarge();
  return sizeBytes;
}

const tooLarge = () => invalid(`Unzipped size must be smaller than ${UNZIPPED_BYTES} bytes`);

const invalid = (message: string, cause?: unknown) =>
  new AwsError('InvalidParameterValueException', { message, ...(cause !== undefined && { cause }) });
