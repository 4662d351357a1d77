/**
 * AWS's limits, each named once, with unit and source. AWS's MB and KB are binary (facts recorded by AWS's own emulator: 6 MB is
 * enforced as 6,291,456 bytes). Code, docs and tests read them here; `--limit NAME=VALUE` sets one by its name here.
 */
export interface Limits {
  // API Gateway, https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
  /** Request body, bytes. Always holds. */
  readonly gatewayRequestBytes: number;
  /** Buffered integration response, bytes. Always holds. */
  readonly gatewayBufferedResponseBytes: number;
  /** All header values of a request, bytes. Always holds. */
  readonly gatewayRequestHeaderBytes: number;
  /** Integration timeout of a BUFFERED integration that sets none, and its maximum, ms. */
  readonly bufferedIntegrationTimeoutMs: number;
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
  /** Integration timeout of a STREAM integration that sets none, ms. */
  readonly streamIntegrationTimeoutMs: number;
  /** Maximum integration timeout of a STREAM integration, and the end of every stream, ms. */
  readonly streamMaxDurationMs: number;
  /** Longest silence of an integration within one stream, ms: Regional endpoint. */
  readonly regionalStreamIdleTimeoutMs: number;
  /** The same, private endpoint, ms. */
  readonly privateStreamIdleTimeoutMs: number;
  /** The same, edge-optimized endpoint, ms. */
  readonly edgeStreamIdleTimeoutMs: number;
  /** Bytes of each streamed response that the gateway sends at full speed. */
  readonly gatewayStreamBurstBytes: number;
  /** Pace after that, bytes per second. */
  readonly gatewayStreamBytesPerSecond: number;
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
  /** Metadata and delimiter of a Lambda stream must end within this many bytes. Always holds. */
  readonly preludeBytes: number;

  // Lambda, https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
  /** Event of a synchronous invocation, bytes. Always holds. */
  readonly lambdaRequestBytes: number;
  /** Event of an asynchronous invocation, bytes: 1 MB since late 2025. Always holds. */
  readonly lambdaAsynchronousRequestBytes: number;
  /** Buffered response, bytes: 6 MiB and 100 bytes, as AWS's error says. Always holds. */
  readonly lambdaBufferedResponseBytes: number;
  /** Streamed response, bytes. */
  readonly lambdaStreamedResponseBytes: number;
  // https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
  /** Bytes of each streamed response that Lambda sends at full speed. */
  readonly lambdaStreamBurstBytes: number;
  /** Pace after that, bytes per second. */
  readonly lambdaStreamBytesPerSecond: number;
  /** The init phase, ms. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html */
  readonly lambdaInitTimeoutMs: number;
  /** Execution environments of one account and Region at a time. */
  readonly lambdaConcurrentExecutions: number;
}

const MIB = 1_048_576;

/** What AWS enforces. */
export const AWS_LIMITS: Limits = {
  gatewayRequestBytes: 10 * MIB,
  gatewayBufferedResponseBytes: 10 * MIB,
  gatewayRequestHeaderBytes: 10_240,
  bufferedIntegrationTimeoutMs: 29_000,
  streamIntegrationTimeoutMs: 300_000,
  streamMaxDurationMs: 900_000,
  regionalStreamIdleTimeoutMs: 300_000,
  privateStreamIdleTimeoutMs: 300_000,
  edgeStreamIdleTimeoutMs: 30_000,
  gatewayStreamBurstBytes: 10 * MIB,
  gatewayStreamBytesPerSecond: 2 * MIB,
  preludeBytes: 16_384,
  lambdaRequestBytes: 6 * MIB,
  lambdaAsynchronousRequestBytes: MIB,
  lambdaBufferedResponseBytes: 6 * MIB + 100,
  lambdaStreamedResponseBytes: 200 * MIB,
  lambdaStreamBurstBytes: 6 * MIB,
  lambdaStreamBytesPerSecond: 2 * MIB,
  lambdaInitTimeoutMs: 10_000,
  lambdaConcurrentExecutions: 1000,
};

/** `--limits off`: no pace, no 200 MB cap, no idle and 15-minute cut-offs of streams. All other limits hold. */
export const LIFTED_LIMITS: Limits = {
  ...AWS_LIMITS,
  streamMaxDurationMs: Number.POSITIVE_INFINITY,
  regionalStreamIdleTimeoutMs: Number.POSITIVE_INFINITY,
  privateStreamIdleTimeoutMs: Number.POSITIVE_INFINITY,
  edgeStreamIdleTimeoutMs: Number.POSITIVE_INFINITY,
  gatewayStreamBytesPerSecond: Number.POSITIVE_INFINITY,
  lambdaStreamedResponseBytes: Number.POSITIVE_INFINITY,
  lambdaStreamBytesPerSecond: Number.POSITIVE_INFINITY,
};

/** Seconds that `sizeBytes` take through a STREAM integration of a Lambda function at AWS's pace, the network left aside. */
export function streamSeconds(sizeBytes: number, limits: Limits): number {
  return Math.max(
    overflow(sizeBytes, limits.lambdaStreamBurstBytes) / limits.lambdaStreamBytesPerSecond,
    overflow(sizeBytes, limits.gatewayStreamBurstBytes) / limits.gatewayStreamBytesPerSecond,
  );
}

const overflow = (sizeBytes: number, burstBytes: number) => Math.max(0, sizeBytes - burstBytes);
