/**
 * Whether `mediaType` is one of the API's binary media types. Of wildcards only one on the right counts (`application/*`); one on the
 * left never matches; `*` and the form with a slash cover all.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/lambda-proxy-binary-media.html
 */
export function isBinary(binaryMediaTypes: readonly string[], mediaType: string): boolean {
  return binaryMediaTypes.some((entry) => {
    if (entry === '*' || entry === '*/*') return true;
    if (entry.endsWith('/*')) return mediaType.startsWith(entry.slice(0, -1).toLowerCase());
    return entry.toLowerCase() === mediaType;
  });
}

/** The media type of a Content-Type, or the first one of an Accept header: API Gateway looks at no other. */
export function firstMediaType(headerValue: string | undefined): string {
  const [first = ''] = (headerValue ?? 'application/json').split(',');
  return (first.split(';')[0] ?? '').trim().toLowerCase();
}
