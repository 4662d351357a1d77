/** What a host name of Amazon S3 says. */
export interface S3Host {
  /** Undefined: the path names the bucket. */
  readonly bucketName: string | undefined;
  /** `s3.us-east-1.amazonaws.com`: what AWS's own certificates are made for, with one label before it. */
  readonly domain: string;
}

const S3_HOST =
  /^(?:(?<bucketName>.+)\.)?(?<domain>s3(?:\.dualstack)?(?:[.-][a-z]{2}(?:-[a-z]+)+-\d+)?\.amazonaws\.com)$/;

/**
 * Reads a host name without a port. Undefined for what is no endpoint of buckets: `s3-website`, `s3-accelerate`, access points, other services.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 */
export function s3Host(hostName: string): S3Host | undefined {
  const found = S3_HOST.exec(hostName.toLowerCase())?.groups;
  return found?.['domain'] === undefined ? undefined : { bucketName: found['bucketName'], domain: found['domain'] };
}
