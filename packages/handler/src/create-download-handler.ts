import { UsageError } from '@spillway/wire';
import { BrokenResponse } from './broken-response.ts';
import type { ApiGatewayEvent, InvocationContext } from './download-request.ts';
import { type DownloadHandlerOptions, downloadSettings } from './download-settings.ts';
import { type DownloadResponse, respond } from './respond.ts';
import { Telemetry } from './telemetry.ts';
import { type HttpResponseStream, type LambdaResponseStream, writeResponse } from './write-response.ts';

/** What Lambda calls. */
export type DownloadHandler = (
  event: ApiGatewayEvent,
  responseStream: LambdaResponseStream,
  context: InvocationContext,
) => Promise<void>;

/** The global of Lambda's Node.js runtimes. */
interface Awslambda {
  streamifyResponse(handler: DownloadHandler): DownloadHandler;
  readonly HttpResponseStream: HttpResponseStream;
}

/**
 * The handler of a Lambda function behind a REST API's method with `responseTransferMode: STREAM`.
 * @throws UsageError outside Lambda's Node.js runtime, and for options that do not go together.
 */
export function createDownloadHandler(options: DownloadHandlerOptions): DownloadHandler {
  const { awslambda } = globalThis as { awslambda?: Awslambda };
  // Powertools puts an empty one there where there is none.
  if (typeof awslambda?.streamifyResponse !== 'function') {
    throw new UsageError(
      "createDownloadHandler() needs the global awslambda of Lambda's Node.js runtime. Outside of it call respond().",
    );
  }
  const settings = downloadSettings(options);
  const telemetry = new Telemetry(settings.metricsNamespace);
  return awslambda.streamifyResponse(async (event, responseStream, context) => {
    const startedMs = performance.now();
    const response = await respond(event, context, settings);
    try {
      await writeResponse(response, responseStream, awslambda.HttpResponseStream);
    } catch (error) {
      markBroken(response, error);
      throw error;
    } finally {
      response.record.durationMs = Math.round(performance.now() - startedMs);
      telemetry.publish(response.record, context.awsRequestId);
    }
  });
}

function markBroken({ record }: DownloadResponse, error: unknown): void {
  record.outcome = 'broken';
  record.error = String(error);
  if (error instanceof BrokenResponse) record.breakReason = error.reason;
}
