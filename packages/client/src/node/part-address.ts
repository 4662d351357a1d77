import { createHash } from 'node:crypto';

/** The address of an object, without what may be secret. */
export function publicUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

/** Which signature a query holds, and what else goes with it. None of it names an object, and all of it is another one the next day. */
const SIGNATURES: readonly { readonly mark: RegExp; readonly names: RegExp }[] = [
  {
    mark: /^x-amz-signature$/i,
    names: /^x-amz-(?:algorithm|credential|date|expires|security-token|signature|signedheaders)$/i,
  },
  { mark: /^x-goog-signature$/i, names: /^x-goog-(?:algorithm|credential|date|expires|signature|signedheaders)$/i },
  // S3's version 2, CloudFront, Google's old one.
  {
    mark: /^signature$/i,
    names:
      /^(?:signature|expires|awsaccesskeyid|x-amz-security-token|policy|key-pair-id|hash-algorithm|googleaccessid)$/i,
  },
  // https://learn.microsoft.com/en-us/rest/api/storageservices/create-service-sas
  { mark: /^sig$/, names: /^(?:sig|sv|st|se|sp|sr|ss|srt|sip|spr|ses|skoid|sktid|skt|ske|sks|skv)$/ },
];

/**
 * What of a query tells one object from another, as a digest: a query may hold secrets. Empty without a query. The signature of a
 * presigned URL does not count, so that a new one goes on where the old one ended.
 */
export function queryDigest(url: string): string {
  const parameters = [...new URL(url).searchParams];
  const signature = SIGNATURES.find(({ mark }) => parameters.some(([name]) => mark.test(name)));
  const naming = parameters.filter(([name]) => signature?.names.test(name) !== true);
  return naming.length === 0 ? '' : createHash('sha256').update(JSON.stringify(naming)).digest('hex');
}
