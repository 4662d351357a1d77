const TOKEN = "[\\w!#$%&'*+.^`|~-]+";
const MEDIA_TYPE = new RegExp(
  `^${TOKEN}/${TOKEN}(?:[\\t ]*;[\\t ]*${TOKEN}=(?:${TOKEN}|"[^"\\\\\\x00-\\x1f\\x7f-\\uffff]*"))*$`,
);
const MAX_LENGTH = 200;

/** A stored content type, or bytes without a meaning for what is none: API Gateway would call it JSON. */
export function safeMediaType(stored: string | undefined): string {
  const type = stored?.trim() ?? '';
  return type.length <= MAX_LENGTH && MEDIA_TYPE.test(type) ? type : 'application/octet-stream';
}

const PASSIVE =
  /^(?:audio\/|video\/|font\/|image\/(?!svg)|text\/(?:plain|csv|markdown)$|application\/(?:pdf|json|octet-stream)$)/;

/**
 * Whether a browser may show it without running what is in it. The list holds what is known to be passive: a script in any other
 * (HTML, SVG, XML) would act with the rights of the API's own origin.
 */
export function isPassive(mediaType: string): boolean {
  const [essence = ''] = mediaType.split(';');
  return PASSIVE.test(essence.trim().toLowerCase());
}
