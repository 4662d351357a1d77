import { AWS_LIMITS, UsageError } from '@spillway/wire';
import type { Authorize } from './authorization.ts';
import { checkOptions } from './check-options.ts';
import type { DispositionType } from './content-disposition.ts';
import { directoryPrefix } from './object-key.ts';
import { HttpObjectStore, type HttpObjectStoreOptions } from './object-store/http-object-store.ts';
import type { ObjectStore } from './object-store/object-store.ts';
import { S3ObjectStore } from './object-store/s3-object-store.ts';
import type { StorePatience } from './store-attempt.ts';

/**
 * What to do with a GET that cannot fit into one response: `send-what-fits` announces the true length and breaks off, so that clients
 * resume; `redirect` sends the client to a presigned URL; `refuse` answers 403 and says why.
 */
export type TooLargePolicy = 'send-what-fits' | 'redirect' | 'refuse';

export interface DownloadHandlerOptions {
  /** An S3 bucket, read by the function's own role. One of `bucket`, `origin` and `store` is needed. */
  readonly bucket?: string | undefined;
  /** Region of the bucket, when it is not the function's. */
  readonly region?: string | undefined;
  /** An HTTP server in place of a bucket. */
  readonly origin?: HttpObjectStoreOptions | undefined;
  readonly store?: ObjectStore | undefined;
  /** Only what is below it can be read. A slash at its end is added. */
  readonly prefix?: string | undefined;
  /** The path parameter that holds the key: `key` of `/download/{key+}`, which is the default. */
  readonly pathParameter?: string | undefined;
  readonly authorize?: Authorize | undefined;
  /** How long `authorize` may take, ms. 10,000 without it, and never longer than the invocation. */
  readonly authorizeTimeoutMs?: number | undefined;
  /** `attachment` without it. What a browser would run is an attachment always. */
  readonly disposition?: DispositionType | undefined;
  /** In place of the objects' own. */
  readonly cacheControl?: string | undefined;
  /** `send-what-fits` without it. */
  readonly whenTooLarge?: TooLargePolicy | undefined;
  /** How long a URL of `redirect` lives, seconds. 60 without it. */
  readonly redirectExpiresInSeconds?: number | undefined;
  /** Most bytes of one response. Lambda's 200 MiB, less what the prelude takes. */
  readonly maxResponseBytes?: number | undefined;
  /** Origins (`https://app.example.com`, or `*`) whose pages may read the answers. None without it. */
  readonly corsOrigins?: readonly string[] | undefined;
  /** Headers that these pages may send beside `Authorization`, `Range` and the conditions: `x-api-key`. */
  readonly corsRequestHeaders?: readonly string[] | undefined;
  /** Whether whole objects are held against the store's checksum as they pass. True without it. */
  readonly verify?: boolean | undefined;
  readonly patience?: Partial<StorePatience> | undefined;
  /** CloudWatch namespace of the metrics. `Spillway` without it. */
  readonly metricsNamespace?: string | undefined;
}

/** Options with nothing left open. */
export interface DownloadSettings {
  readonly store: ObjectStore;
  readonly prefix: string;
  readonly pathParameter: string;
  readonly authorize: Authorize | undefined;
  readonly authorizeTimeoutMs: number;
  readonly disposition: DispositionType;
  readonly cacheControl: string | undefined;
  readonly whenTooLarge: TooLargePolicy;
  readonly redirectExpiresInSeconds: number;
  readonly maxResponseBytes: number;
  readonly corsOrigins: readonly string[];
  readonly corsRequestHeaders: readonly string[];
  readonly verify: boolean;
  readonly patience: StorePatience;
  readonly metricsNamespace: string;
}

/** 30 s of silence end a stream of an edge-optimized API: two attempts fit in. */
const PATIENCE: StorePatience = {
  openTimeoutMs: 10_000,
  idleTimeoutMs: 10_000,
  resumeTimeoutMs: 30_000,
  backoffMs: 100,
};

/** @throws UsageError for options that do not go together, and for what is none: a misspelt `authorize` would let everybody in. */
export function downloadSettings(options: DownloadHandlerOptions): DownloadSettings {
  checkOptions(options);
  const settings = {
    store: storeOf(options),
    prefix: directoryPrefix(options.prefix ?? ''),
    pathParameter: options.pathParameter ?? 'key',
    authorize: options.authorize,
    authorizeTimeoutMs: options.authorizeTimeoutMs ?? 10_000,
    disposition: options.disposition ?? 'attachment',
    cacheControl: cacheControlOf(options),
    whenTooLarge: options.whenTooLarge ?? 'send-what-fits',
    redirectExpiresInSeconds: options.redirectExpiresInSeconds ?? 60,
    maxResponseBytes: options.maxResponseBytes ?? AWS_LIMITS.lambdaStreamedResponseBytes - AWS_LIMITS.preludeBytes,
    ...corsOf(options),
    verify: options.verify ?? true,
    patience: { ...PATIENCE, ...options.patience },
    metricsNamespace: options.metricsNamespace ?? 'Spillway',
  };
  if (settings.whenTooLarge === 'redirect' && settings.store.presign === undefined) {
    throw new UsageError("whenTooLarge: 'redirect' needs a bucket: an HTTP origin has no presigned URLs.");
  }
  return settings;
}

const corsOf = ({ corsOrigins = [], corsRequestHeaders = [] }: DownloadHandlerOptions) => ({
  corsOrigins,
  corsRequestHeaders,
});

function storeOf({ bucket, region, origin, store }: DownloadHandlerOptions): ObjectStore {
  const given = [bucket, origin, store].filter((place) => place !== undefined);
  if (given.length !== 1) throw new UsageError('A download handler takes one of bucket, origin and store.');
  if (bucket !== undefined) return new S3ObjectStore({ bucket, region });
  return origin !== undefined ? new HttpObjectStore(origin) : (store as ObjectStore);
}

/** What was released to one client is no other's: with `authorize` the objects' own Cache-Control does not count. */
function cacheControlOf({ cacheControl, authorize }: DownloadHandlerOptions): string | undefined {
  if (cacheControl !== undefined && !/^[\x20-\x7e]+$/.test(cacheControl)) {
    throw new UsageError(`cacheControl ${JSON.stringify(cacheControl)} is no header value.`);
  }
  return cacheControl ?? (authorize === undefined ? undefined : 'private, no-cache, no-transform');
}
