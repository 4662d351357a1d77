import { dispositionFileName } from '../content-disposition.ts';
import { safeFileName, urlFileName } from '../file-name.ts';
import { type Finding, fail, pass, warn } from './check.ts';
import type { Endpoint } from './endpoint.ts';

export function checkEtag({ whole, version }: Endpoint): Finding {
  const { etag } = version;
  if (etag === undefined) {
    return fail('no ETag', 'send a strong ETag: ranges and resumed parts are held to one version by it');
  }
  if (etag.startsWith('W/'))
    return fail(`weak ETag ${etag}`, 'send a strong one: browsers start over, and parts may not be joined');
  if (!/^"[\x21\x23-\x7e\x80-\xff]*"$/.test(etag)) return fail(`ETag ${etag} is not in quotes`, 'send it as "..."');
  const changed = whole.headers.get('last-modified') === null ? ', no Last-Modified' : '';
  return pass(`strong ETag ${etag}${changed}`);
}

export function checkAcceptRanges({ whole }: Endpoint): Finding {
  const value = whole.headers.get('accept-ranges');
  if (value === 'bytes') return pass('Accept-Ranges: bytes');
  return warn(
    value === null ? 'no Accept-Ranges' : `Accept-Ranges: ${value}`,
    'send exactly "Accept-Ranges: bytes": curl starts over without it',
  );
}

export function checkContentType({ whole }: Endpoint): Finding {
  const type = whole.headers.get('content-type');
  const isNosniff = whole.headers.get('x-content-type-options')?.trim().toLowerCase() === 'nosniff';
  const seen = `${type === null ? 'no Content-Type' : `Content-Type: ${type}`}, ${isNosniff ? 'nosniff' : 'without X-Content-Type-Options'}`;
  const isInline = !/^\s*attachment/i.test(whole.headers.get('content-disposition') ?? '');
  const runs = /^\s*(?:text\/html|image\/svg\+xml|(?:application|text)\/(?:xhtml\+xml|xml))\b/i.test(type ?? '');
  if (runs && isInline && !/\bsandbox\b/.test(whole.headers.get('content-security-policy') ?? '')) {
    return fail(
      `${seen}: a browser runs it in the site's name`,
      'send it as attachment, or with Content-Security-Policy: sandbox',
    );
  }
  if (isNosniff && type !== null) return pass(seen);
  return warn(seen, 'send a Content-Type and X-Content-Type-Options: nosniff, so that browsers do not guess');
}

export function checkCacheControl({ whole }: Endpoint): Finding {
  const value = whole.headers.get('cache-control');
  if (value !== null) return pass(`Cache-Control: ${value}`);
  return warn('no Cache-Control', 'say who may keep it: private or no-store for what not everybody may read');
}

/** What nobody should have to make safe: parts of a path, control characters, marks that turn text around. */
const DANGEROUS = /[/\\\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|^\.|^$/u;

export function checkName({ whole }: Endpoint): Finding {
  const header = whole.headers.get('content-disposition');
  const name = dispositionFileName(header);
  if (header === null || name === undefined) {
    return warn(
      `no file name; clients take ${JSON.stringify(safeFileName(urlFileName(whole.url)))} from the URL`,
      'send Content-Disposition with filename and filename*',
    );
  }
  if (DANGEROUS.test(name))
    return fail(
      `unsafe name ${JSON.stringify(name)}`,
      'clients differ in what they make of it: make it safe in the function',
    );
  const hasBoth = /;\s*filename\s*=/i.test(header) && /;\s*filename\*\s*=/i.test(header);
  if (/[^\x20-\x7e]/.test(name) && !hasBoth) {
    return warn(
      `${JSON.stringify(name)} in one form only`,
      'send an ASCII filename for curl, then filename* for all others',
    );
  }
  const safe = safeFileName(name);
  if (safe !== name)
    return warn(
      `${JSON.stringify(name)}, which must become ${JSON.stringify(safe)} to be saved everywhere`,
      'make it safe in the function',
    );
  return pass(`${JSON.stringify(name)}${hasBoth ? ', in both forms' : ''}`);
}

/** What must be the same in answer to both. */
const SAME_HEADERS = ['etag', 'last-modified', 'content-type', 'content-disposition', 'accept-ranges', 'repr-digest'];

export function checkHead({ whole, head, headFailure }: Endpoint): Finding {
  if (head === undefined) return fail(`no answer to HEAD: ${headFailure}`, HEAD_ADVICE);
  if (head.status !== whole.status) return fail(`HEAD answers ${head.status}, GET ${whole.status}`, HEAD_ADVICE);
  const length = head.headers.get('content-length');
  if (length !== null && whole.sizeBytes !== undefined && Number(length) !== whole.sizeBytes) {
    return fail(
      `HEAD says Content-Length ${length}, GET has ${whole.sizeBytes} bytes`,
      'answer HEAD with the headers of GET, or without a length',
    );
  }
  const other = SAME_HEADERS.filter((name) => head.headers.get(name) !== whole.headers.get(name));
  if (other.length > 0) {
    const shown = other.map(
      (name) => `${name}: ${head.headers.get(name) ?? 'none'} / ${whole.headers.get(name) ?? 'none'}`,
    );
    return fail(`HEAD and GET differ: ${shown.join('; ')}`, 'answer HEAD with the headers of GET');
  }
  if (length === null)
    return warn('HEAD has the headers of GET but Content-Length', 'send it: tools read the size there');
  return pass(`the same headers as GET, Content-Length: ${length}`);
}

const HEAD_ADVICE =
  'give the route the method HEAD; a streaming function must write one empty chunk when there is no body';
