import { AWS_LIMITS } from '@spillway/wire';
import type { ExpectedChecksum } from '../fetch-object.ts';
import { type Finding, fail, pass, skip, warn } from './check.ts';
import type { Endpoint } from './endpoint.ts';
import { bytesText, secondsText } from './sizes.ts';

/** What a buffered response of API Gateway holds at most, and one of Lambda: 10 MiB and 6 MiB. */
const PROVING_BYTES = AWS_LIMITS.gatewayBufferedResponseBytes;

/** Whether all of it came, and enough to prove anything. */
export function checkSize({ whole }: Endpoint): Finding {
  const { receivedBytes, sizeBytes, failure } = whole;
  const of = sizeBytes === undefined ? '' : ` of ${bytesText(sizeBytes)}`;
  if (failure !== undefined || (!whole.isLeft && sizeBytes !== undefined && receivedBytes !== sizeBytes)) {
    return fail(
      `the body broke off after ${receivedBytes}${sizeBytes === undefined ? '' : ` of ${sizeBytes}`} bytes${failure === undefined ? '' : `: ${failure}`}`,
      "read the function's log: its timeout, the 15 minutes and 200 MB of one response, an idle time, or a failed upstream",
    );
  }
  const text = `${bytesText(receivedBytes)}${whole.isLeft ? of : ''} arrived in ${secondsText(whole.lastByteMs)}`;
  if (whole.isLeft)
    return warn(`${text}, and the rest was left`, '--max-bytes reads more, and a smaller object is read whole');
  if (receivedBytes > PROVING_BYTES) return pass(`${text}: more than the 10 MiB of a buffered response`);
  return warn(`${text}: a buffered response can hold 10 MiB`, 'name an object of more than 10,485,760 bytes');
}

/** Without a length nothing but a checksum tells a cut body from a whole one. */
export function checkLength({ whole }: Endpoint, expected: ExpectedChecksum | undefined): Finding {
  const { headers } = whole;
  const coding = headers.get('content-encoding');
  if (coding !== null && coding !== 'identity') {
    return fail(
      `Content-Encoding: ${coding}, though identity was asked for`,
      'leave files as they are: offsets and digests are of the bytes that are sent',
    );
  }
  const length = headers.get('content-length');
  if (length !== null) return pass(`Content-Length: ${length}`);
  const renamed = headers.has('x-amzn-remapped-content-length') ? ', but x-amzn-Remapped-Content-Length' : '';
  const seen = `no Content-Length${renamed}: ${headers.get('transfer-encoding') ?? 'the end of the stream'} ends the body`;
  const advice = renamed
    ? 'a function URL takes the length away: serve it by a REST API'
    : 'write Content-Length into the metadata of the response; aria2 and browsers need it to resume';
  return expected === undefined ? fail(`${seen}, and a cut one can look whole`, advice) : warn(seen, advice);
}

export function checkDigest({ whole }: Endpoint, expected: ExpectedChecksum | undefined): Finding {
  const sha256 = whole.digests.get('sha-256');
  if (whole.isLeft || whole.failure !== undefined) return skip('not all of it was read');
  if (expected === undefined) {
    return warn(
      `sha-256 ${sha256}, and nothing to hold it against`,
      'send Repr-Digest or x-amz-checksum-*, or give --sha256',
    );
  }
  const { algorithm, hex, source } = expected;
  const actual = whole.digests.get(algorithm);
  if (actual === hex) return pass(`${algorithm} ${hex}, as the ${source === 'caller' ? 'caller' : 'server'} says`);
  return fail(
    `${algorithm} is ${actual}, not ${hex}, which the ${source} gave`,
    'the bytes are others: look for a proxy that recodes, binary media types, or text handling in the function',
  );
}
