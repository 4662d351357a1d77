const MAX_REDIRECTS = 10;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** What may go along to another origin: what the client itself asks for, and nothing of the caller's, which may be secrets. */
const OWN_HEADERS = new Set([
  'accept-encoding',
  'range',
  'if-range',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
]);

/**
 * `fetch` that follows redirects itself, as a handler answers with for a presigned URL: to another origin the caller's headers do not
 * go along. `fetch` alone drops Authorization and Cookie there, but no token under any other name.
 */
export const followingFetch: typeof fetch = async (input, init) => {
  let url = String(input);
  let headers = new Headers(init?.headers);
  for (let redirects = 0; ; redirects += 1) {
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    const location = response.headers.get('location');
    if (!REDIRECTS.has(response.status) || location === null) return response;
    await response.body?.cancel();
    if (redirects === MAX_REDIRECTS) throw new TypeError(`more than ${MAX_REDIRECTS} redirects`);
    const next = new URL(location, url);
    if (next.origin !== new URL(url).origin) {
      headers = new Headers([...headers].filter(([name]) => OWN_HEADERS.has(name)));
    }
    url = next.href;
  }
};
