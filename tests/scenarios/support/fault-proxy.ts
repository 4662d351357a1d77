import { once } from 'node:events';
import {
  type ClientRequest,
  createServer,
  request as forward,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { seededRandom } from './random.ts';

/** What can go wrong with one answer. Where there is an offset, it is a random one. */
export const FAULTS = [
  /** The connection ends (FIN) before a byte of the answer. */
  'no-answer',
  /** No byte of the answer ever comes. */
  'silent',
  /** 429, 500, 502, 503 or 504, at times with Retry-After: 0. */
  'status',
  /** The connection ends (FIN) in the body, short of its Content-Length. */
  'cut',
  /** The same, by RST. */
  'reset',
  /** The body stops, and the connection stays. */
  'stall',
  /** Chunked, and ended well before its time. */
  'clean-end',
  /** Neither length nor chunks: the end of the connection ends it, before its time. */
  'close-delimited',
  /** Content-Length says less, and so many bytes come. */
  'short-length',
  /** Content-Length says more, and the connection ends after what there is. */
  'long-length',
  /** Content-Range begins elsewhere than the bytes do. */
  'wrong-range',
  /** Content-Range tells another size of the whole. */
  'wrong-total',
  /** More bytes than the range has, chunked. */
  'excess',
  /** 200 and the first bytes as if they were the whole, in answer to a range. */
  'range-ignored',
  /** A 206 without ETag. */
  'no-etag',
] as const;
export type Fault = (typeof FAULTS)[number];

export interface FaultProxyOptions {
  /** What is forwarded to: `http://127.0.0.1:PORT`. */
  readonly upstream: string;
  readonly seed: number;
  /** Of all answers for a path, those that are faulty: 0 to 1. */
  readonly share: (path: string) => number;
  /** Faults for one path at most; afterwards it is served well. Default: no end. */
  readonly maxFaults?: (path: string) => number;
  readonly faults?: readonly Fault[];
}

export interface FaultProxy {
  readonly url: string;
  /** How often each fault was played. */
  readonly played: ReadonlyMap<Fault, number>;
  close(): Promise<void>;
}

/**
 * A reverse proxy that fails as networks and servers do. Which answers fail, how and where follows from the seed and the path, so that
 * a run can be repeated. GETs only: anything else passes.
 */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const played = new Map<Fault, number>();
  const plans = new Map<string, () => Plan | undefined>();
  const server = createServer({ keepAliveTimeout: 5_000 }, (request, response) => {
    const path = request.url ?? '/';
    let next = plans.get(path);
    if (next === undefined) {
      next = planner(path, options);
      plans.set(path, next);
    }
    const plan = request.method === 'GET' ? next() : undefined;
    if (plan !== undefined) played.set(plan.fault, (played.get(plan.fault) ?? 0) + 1);
    play(options.upstream, request, response, plan);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    played,
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

interface Plan {
  readonly fault: Fault;
  /** Where in the body, or how much: 0 to below 1. */
  readonly place: number;
}

function planner(path: string, options: FaultProxyOptions): () => Plan | undefined {
  const seed = [...path].reduce((sum, character) => Math.imul(sum, 31) + (character.codePointAt(0) ?? 0), options.seed);
  const random = seededRandom(seed);
  const faults = options.faults ?? FAULTS;
  let rest = options.maxFaults?.(path) ?? Number.POSITIVE_INFINITY;
  return () => {
    const [dice, which, place] = [random(), random(), random()];
    const fault = faults[Math.floor(which * faults.length)];
    if (rest <= 0 || dice >= options.share(path) || fault === undefined) return undefined;
    rest -= 1;
    return { fault, place };
  };
}

/** Faults that need nothing of the upstream. */
function play(upstream: string, request: IncomingMessage, response: ServerResponse, plan: Plan | undefined): void {
  const { socket } = request;
  if (plan?.fault === 'silent') return;
  if (plan?.fault === 'no-answer') {
    socket.end();
    return;
  }
  if (plan?.fault === 'status') {
    const status = [429, 500, 502, 503, 504][Math.floor(plan.place * 5)] ?? 503;
    response.writeHead(status, plan.place > 0.5 ? { 'Retry-After': '0' } : {}).end('no');
    return;
  }
  const outgoing = forward(new URL(request.url ?? '/', upstream), {
    method: request.method ?? 'GET',
    headers: { ...request.headers, host: new URL(upstream).host },
  });
  outgoing.on('error', () => socket.destroy());
  const leave = () => outgoing.destroy();
  socket.once('close', leave);
  outgoing.once('close', () => socket.off('close', leave));
  outgoing.on('response', (incoming) => relay(incoming, response, plan, outgoing));
  request.pipe(outgoing);
}

/** An answer that was changed, and what is done to its body. */
interface Changed {
  readonly status: number;
  readonly headers: Record<string, string | undefined>;
  /** Bytes that are passed on. */
  readonly bodyBytes: number;
  /** What comes then; `end` ends the message as its headers say. */
  readonly ending: 'end' | 'fin' | 'reset' | 'stall' | 'more';
}

function relay(
  incoming: IncomingMessage,
  response: ServerResponse,
  plan: Plan | undefined,
  outgoing: ClientRequest,
): void {
  const socket = response.socket;
  if (socket === null) {
    outgoing.destroy();
    return;
  }
  const changed = change(incoming, plan);
  for (const [name, value] of Object.entries(changed.headers)) if (value !== undefined) response.setHeader(name, value);
  response.strictContentLength = false;
  response.writeHead(changed.status);
  response.flushHeaders();
  let rest = changed.bodyBytes;
  incoming.on('error', () => socket.destroy());
  incoming.on('data', (chunk: Buffer) => {
    if (rest <= 0) return;
    const part = chunk.subarray(0, rest);
    rest -= part.byteLength;
    const isFull = !response.write(part);
    if (rest <= 0) finish(changed.ending, response, socket, part);
    else if (isFull) {
      incoming.pause();
      response.once('drain', () => incoming.resume());
    }
  });
  incoming.on('end', () => {
    if (rest > 0) response.end();
  });
  if (changed.bodyBytes === 0) finish(changed.ending, response, socket, Buffer.from('?'));
}

function finish(ending: Changed['ending'], response: ServerResponse, socket: Socket, part: Uint8Array): void {
  if (ending === 'more') response.end(part);
  else if (ending === 'end') response.end();
  else if (ending === 'fin') socket.end();
  // What was written is on its way first: else RST would overtake it.
  else if (ending === 'reset') response.write('', () => socket.resetAndDestroy());
}

function change(incoming: IncomingMessage, plan: Plan | undefined): Changed {
  const status = incoming.statusCode ?? 502;
  const headers: Record<string, string | undefined> = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
  );
  delete headers['connection'];
  delete headers['keep-alive'];
  const length = Number(headers['content-length'] ?? 0);
  const isBody = incoming.statusCode === 206 || incoming.statusCode === 200;
  const as = { status, headers, bodyBytes: length || Number.POSITIVE_INFINITY, ending: 'end' as const };
  return plan === undefined || !isBody || length === 0 ? as : CHANGES[plan.fault](as, length, plan.place);
}

type Change = (as: Changed, length: number, place: number) => Changed;
const at = (length: number, place: number) => Math.floor(length * place);
const unchanged: Change = (as) => as;

const CHANGES: Readonly<Record<Fault, Change>> = {
  'no-answer': unchanged,
  silent: unchanged,
  status: unchanged,
  cut: (as, length, place) => ({ ...as, bodyBytes: at(length, place), ending: 'fin' }),
  reset: (as, length, place) => ({ ...as, bodyBytes: at(length, place), ending: 'reset' }),
  stall: (as, length, place) => ({ ...as, bodyBytes: at(length, place), ending: 'stall' }),
  'clean-end': (as, length, place) => ({ ...without(as, 'content-length'), bodyBytes: at(length, place) }),
  'close-delimited': (as, length, place) => ({
    ...without(as, 'content-length', { 'transfer-encoding': 'identity', connection: 'close' }),
    bodyBytes: at(length, place),
    ending: 'fin',
  }),
  'short-length': (as, length, place) => ({
    ...without(as, 'content-length', { 'content-length': String(at(length, place)) }),
    bodyBytes: at(length, place),
  }),
  'long-length': (as, length, place) => ({
    ...without(as, 'content-length', { 'content-length': String(length + 1 + at(length, place)) }),
    bodyBytes: length,
    ending: 'fin',
  }),
  'wrong-range': (as, length, place) =>
    withRange(as, (start, last, size) => {
      const shift = 1 + at(length, place);
      return `bytes ${start + shift}-${last + shift}/${size + 2 * length}`;
    }),
  'wrong-total': (as, length, place) =>
    withRange(as, (start, last, size) => `bytes ${start}-${last}/${size + 1 + at(length, place)}`),
  excess: (as, length) => ({ ...without(as, 'content-length'), bodyBytes: length, ending: 'more' }),
  'range-ignored': (as) => ({ ...without(as, 'content-range'), status: 200 }),
  'no-etag': (as) => without(as, 'etag'),
};

function without(as: Changed, name: string, added: Readonly<Record<string, string>> = {}): Changed {
  return { ...as, headers: { ...as.headers, [name]: undefined, ...added } };
}

function withRange(as: Changed, range: (start: number, last: number, size: number) => string): Changed {
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(as.headers['content-range'] ?? '');
  if (match === null) return as;
  const [, start, last, size] = match.map(Number);
  return { ...as, headers: { ...as.headers, 'content-range': range(start ?? 0, last ?? 0, size ?? 0) } };
}
