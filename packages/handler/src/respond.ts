// The download function without Lambda: an event in, a prelude and a body out. Matches RFC 9110 (methods, conditions, ranges), 6266 and
// 8187 (names), 9457 (problems), 9530 (digests); held against an oracle of its own in rfc-oracle.test.ts. On purpose: several ranges
// are one range or the whole, never multipart; HEAD tells the truth about an object that no single GET could deliver. Missing:
// content negotiation, versions other than the current one, SSE-C.
import { type Body, bodyOf, exactly, type Prelude } from '@spillway/wire';
import { type Allowed, authorized } from './authorization.ts';
import { BrokenResponse } from './broken-response.ts';
import { corsHeaders, preflightHeaders } from './cors.ts';
import { type DownloadRecord, newRecord, type Outcome } from './download-record.ts';
import { type ApiGatewayEvent, type DownloadRequest, type InvocationContext, readRequest } from './download-request.ts';
import type { DownloadSettings } from './download-settings.ts';
import { type Deadline, invocationDeadline } from './invocation-deadline.ts';
import { MeasuredStore } from './measured-store.ts';
import { objectHeaders, type Presentation, representationHeaders, validatorHeaders } from './object-headers.ts';
import { decodeKey, prefixedKey } from './object-key.ts';
import { discard } from './object-store/answered-range.ts';
import type { ObjectMetadata } from './object-store/object-store.ts';
import { type Opened, openDownload, pinOf, validatorsOf } from './open-download.ts';
import { type Conditions, decide, readConditions } from './preconditions.ts';
import { Problem, problemBody, problemHeaders } from './problem.ts';
import { resumingBody, unknownLengthBody } from './resuming-body.ts';
import { problemOf } from './store-problem.ts';
import { type TooLarge, whatFits, whyTooLarge } from './too-large.ts';
import { verifiedBody } from './verified-body.ts';

/** An answer whose head is known and whose body is on its way. */
export interface DownloadResponse {
  readonly prelude: Prelude & { readonly statusCode: number; readonly headers: Readonly<Record<string, string>> };
  /** Must be read, or let go of by `return()`. Fails with BrokenResponse when the rest cannot come. */
  readonly body: AsyncGenerator<Uint8Array, void, undefined>;
  /** Aborted when the invocation's time is up: nothing should wait any longer then. */
  readonly signal: AbortSignal;
  /** Ends all that the answer waits for: its client has left. */
  end(reason: Error): void;
  /** For the log. What happens to the body is added while it is read. */
  readonly record: DownloadRecord;
}

/** Answers a request. Never rejects: what fails is an answer, too. */
export async function respond(
  event: ApiGatewayEvent,
  context: InvocationContext,
  settings: DownloadSettings,
): Promise<DownloadResponse> {
  const request = readRequest(event, settings.pathParameter);
  const record = newRecord(request.method);
  const deadline = invocationDeadline(context.getRemainingTimeInMillis());
  const download = new Download(request, event, context, settings, record, deadline);
  const answer = await download.answer().catch((error: unknown) => failure(error, request.method, record));
  record.status = answer.statusCode;
  record.outcome = outcomeOf(answer.statusCode);
  const cors = corsHeaders(request.headers.get('origin'), settings.corsOrigins);
  const body = released(answer.body ?? bodyOf(), () => {
    deadline.clear();
    answer.letGo?.();
  });
  await body.next();
  return {
    prelude: { statusCode: answer.statusCode, headers: { ...answer.headers, ...cors } },
    body,
    signal: deadline.signal,
    end: deadline.end,
    record,
  };
}

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Body;
  /** Closes what `body` comes from, also when it was never read. */
  letGo?(): void;
}

class Download {
  readonly #request: DownloadRequest;
  readonly #event: ApiGatewayEvent;
  readonly #context: InvocationContext;
  readonly #settings: DownloadSettings;
  readonly #record: DownloadRecord;
  readonly #deadline: Deadline;
  readonly #store: MeasuredStore;

  constructor(
    request: DownloadRequest,
    event: ApiGatewayEvent,
    context: InvocationContext,
    settings: DownloadSettings,
    record: DownloadRecord,
    deadline: Deadline,
  ) {
    this.#request = request;
    this.#event = event;
    this.#context = context;
    this.#settings = settings;
    this.#record = record;
    this.#deadline = deadline;
    this.#store = new MeasuredStore(settings.store, settings.patience, record, deadline);
  }

  async answer(): Promise<Answer> {
    const { method, headers } = this.#request;
    const { corsOrigins, corsRequestHeaders } = this.#settings;
    if (method === 'OPTIONS' && corsOrigins.length > 0)
      return { statusCode: 204, headers: preflightHeaders(corsRequestHeaders) };
    if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed(method);
    const presentation = await this.#presentation(method);
    const conditions = readConditions(method, headers, Date.now());
    return method === 'HEAD' ? this.#head(conditions, presentation) : this.#get(conditions, presentation);
  }

  /** The object that may be read, and how it is shown. */
  async #presentation(method: 'GET' | 'HEAD'): Promise<Presentation> {
    const { prefix, disposition, cacheControl } = this.#settings;
    const asked = decodeKey(this.#request.encodedKey ?? '');
    prefixedKey(asked, prefix);
    const { headers } = this.#request;
    const request = { method, key: asked, headers, event: this.#event };
    const allowed: Allowed = await authorized(this.#settings, request, this.#deadline.signal);
    const key = prefixedKey(allowed.key ?? asked, prefix);
    this.#record.key = key;
    return {
      key,
      disposition: allowed.disposition ?? disposition,
      fileName: allowed.fileName,
      cacheControl: allowed.cacheControl?.replace(/[^\x20-\x7e]/g, '') ?? cacheControl,
    };
  }

  async #head(conditions: Conditions, presentation: Presentation): Promise<Answer> {
    const metadata = await this.#store.head(presentation.key);
    this.#remember(metadata);
    const decision = decide(conditions, validatorsOf(metadata));
    if (decision === 'not-modified' || decision === 'precondition-failed')
      return bodyless(decision, metadata, presentation);
    return { statusCode: 200, headers: objectHeaders(metadata, presentation, undefined) };
  }

  async #get(conditions: Conditions, presentation: Presentation): Promise<Answer> {
    const opened = await openDownload(this.#store, presentation.key, conditions);
    this.#remember(opened.metadata);
    if ('decision' in opened) return bodyless(opened.decision, opened.metadata, presentation);
    const tooLarge = this.#tooLarge(opened);
    if (tooLarge !== undefined && this.#settings.whenTooLarge !== 'send-what-fits') {
      discard(opened.attempt.object);
      return this.#elsewhere(tooLarge, opened.metadata, presentation);
    }
    return {
      statusCode: opened.range === undefined ? 200 : 206,
      headers: this.#seen(objectHeaders(opened.metadata, presentation, opened.range)),
      body: this.#body(opened, presentation.key),
      letGo: () => discard(opened.attempt.object),
    };
  }

  #remember({ sizeBytes }: ObjectMetadata): void {
    if (sizeBytes !== undefined) this.#record.sizeBytes = sizeBytes;
  }

  #seen(headers: Record<string, string>): Record<string, string> {
    const contentRange = headers['Content-Range'];
    if (contentRange !== undefined) this.#record.contentRange = contentRange;
    return headers;
  }

  #tooLarge({ attempt }: Extract<Opened, { attempt: unknown }>): TooLarge | undefined {
    const { range } = attempt.object;
    if (range === undefined) return undefined;
    const lengthBytes = range.last - range.first + 1;
    return whyTooLarge(lengthBytes, this.#settings.maxResponseBytes, this.#context.getRemainingTimeInMillis());
  }

  /** For what one response cannot hold. */
  async #elsewhere(tooLarge: TooLarge, metadata: ObjectMetadata, presentation: Presentation): Promise<Answer> {
    const { whenTooLarge, redirectExpiresInSeconds } = this.#settings;
    if (whenTooLarge === 'refuse') {
      throw new Problem(403, `${tooLarge.reason} Ask for ranges that are smaller.`, {
        headers: { 'Accept-Ranges': 'bytes' },
        extensions: { maxRangeBytes: tooLarge.maxRangeBytes },
      });
    }
    const shown = representationHeaders(metadata, presentation);
    const location = await this.#store.presign(presentation.key, {
      expiresInSeconds: redirectExpiresInSeconds,
      contentDisposition: shown['Content-Disposition'] ?? '',
      contentType: shown['Content-Type'] ?? '',
    });
    const headers = {
      Location: location,
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'no-referrer',
      'Content-Length': '0',
    };
    return { statusCode: 307, headers };
  }

  #body({ attempt, metadata, range }: Extract<Opened, { attempt: unknown }>, key: string): Body {
    const { store, patience, verify, maxResponseBytes } = this.#settings;
    const sent = attempt.object.range;
    if (sent === undefined) {
      const unmeasured = unknownLengthBody(attempt, patience);
      return whatFits(maxResponseBytes, verify ? verifiedBody(metadata.checksums, unmeasured) : unmeasured);
    }
    const resuming = resumingBody(attempt, {
      store,
      key,
      range: sent,
      sizeBytes: metadata.sizeBytes,
      ifMatch: pinOf(metadata),
      patience,
      signal: this.#deadline.signal,
      onResume: () => {
        this.#record.resumes += 1;
        this.#record.storeRequests += 1;
      },
    });
    const checked = verify && range === undefined ? verifiedBody(metadata.checksums, resuming) : resuming;
    // The last byte waits until all is known to be right, so that no receiver who counts takes a broken body for a whole one.
    return whatFits(maxResponseBytes, exactly(sent.last - sent.first + 1, checked));
  }
}

const methodNotAllowed = (method: string) =>
  new Problem(405, `${method.replace(/[^\w-]/g, '')} is not a method of a download.`, {
    headers: { Allow: 'GET, HEAD' },
  });

function bodyless(
  decision: 'not-modified' | 'precondition-failed' | 'unsatisfiable',
  metadata: ObjectMetadata,
  presentation: Presentation,
): Answer {
  // With the object's own Content-Type: API Gateway would add its default, and caches store what a 304 says.
  if (decision === 'not-modified') {
    const headers = { ...representationHeaders(metadata, presentation), ...validatorHeaders(metadata, presentation) };
    return { statusCode: 304, headers };
  }
  if (decision === 'precondition-failed') throw new Problem(412, 'The object is not the one that the request expects.');
  const { sizeBytes } = metadata;
  throw new Problem(416, `No byte of the object is in the range; it has ${sizeBytes} bytes.`, {
    headers: { 'Content-Range': `bytes */${sizeBytes}`, 'Accept-Ranges': 'bytes' },
  });
}

function failure(error: unknown, method: string, record: DownloadRecord): Answer {
  const problem =
    error instanceof BrokenResponse
      ? new Problem(504, 'The time of the function was up before there was an answer.', { cause: error })
      : problemOf(error);
  if (problem.status >= 500) record.error = String(problem.cause ?? problem);
  const body = method === 'HEAD' ? {} : { body: bodyOf(problemBody(problem)) };
  return { statusCode: problem.status, headers: problemHeaders(problem), ...body };
}

function outcomeOf(status: number): Outcome {
  if (status === 304) return 'not-modified';
  if (status < 300) return 'complete';
  if (status < 400) return 'redirected';
  return status < 500 ? 'refused' : 'failed';
}

const NOTHING = new Uint8Array();

/**
 * Calls `release` when the body is over, or nobody wants more of it. A generator that never began would not notice: the first `next()`
 * begins it, and reads nothing yet.
 */
async function* released(body: Body, release: () => void): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield NOTHING;
    yield* body;
  } finally {
    release();
  }
}
