import type { HttpResponse } from '@spillway/http';
import { bodyOf } from '@spillway/wire';
import type { Bucket } from './bucket.ts';
import type { Buckets } from './buckets.ts';
import type { S3Request } from './s3-request.ts';
import { encodeXml, type XmlNode } from './xml.ts';

/** An answer, and what is held until it is out. */
export interface S3Response extends HttpResponse {
  readonly release?: () => Promise<void>;
}

/** What an operation is called with. */
export interface Call {
  readonly request: S3Request;
  readonly buckets: Buckets;
  readonly region: string;
  readonly report: (line: string) => void;
}

export interface BucketCall extends Call {
  readonly bucket: Bucket;
}

export interface ObjectCall extends BucketCall {
  readonly key: string;
}

/** One of Amazon S3's, by its name there. */
export type Operation =
  | { readonly name: string; readonly level: 'service'; readonly run: (call: Call) => Promise<S3Response> }
  /** CreateBucket: on a bucket that need not be there. */
  | {
      readonly name: string;
      readonly level: 'new-bucket';
      readonly run: (call: Call, bucketName: string) => Promise<S3Response>;
    }
  | { readonly name: string; readonly level: 'bucket'; readonly run: (call: BucketCall) => Promise<S3Response> }
  | {
      readonly name: string;
      readonly level: 'object';
      /** Everyone whom the bucket's policy lets read may call it. */
      readonly isRead?: boolean;
      readonly run: (call: ObjectCall) => Promise<S3Response>;
    };

export const NO_CONTENT: S3Response = { status: 204, headers: [] };

/** 200 with a document in S3's namespace. */
export function xmlResponse(rootName: string, content: { readonly [name: string]: XmlNode }): S3Response {
  const bytes = encodeXml(rootName, content);
  return {
    status: 200,
    headers: [
      ['Content-Type', 'application/xml'],
      ['Content-Length', String(bytes.byteLength)],
    ],
    body: bodyOf(bytes),
  };
}

/** 200, nothing else. */
export const emptyResponse = (headers: HttpResponse['headers'] = []): S3Response => ({
  status: 200,
  headers: [...headers, ['Content-Length', '0']],
});
