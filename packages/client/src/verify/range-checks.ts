import { parseContentRange, parseUnsatisfiedRange } from '../content-range.ts';
import { askPart, type Part } from './ask-part.ts';
import { type Finding, fail, pass, skip, warn } from './check.ts';
import { type Endpoint, strongEtag } from './endpoint.ts';
import { HEAD_SAMPLE_BYTES, middleOf, SAMPLE_BYTES } from './samples.ts';
import { bytesText } from './sizes.ts';

/** Bytes that a range of the checks has. */
const RANGE_BYTES = 1024;
/** Bytes after which a transfer is cut, and that are read after it went on. */
const CUT_BYTES = HEAD_SAMPLE_BYTES / 2;

const RANGE_ADVICE = 'pass Range on to the store and answer 206 with Content-Range and the length of the range';

/** From `start` to before `end`. */
interface Expected {
  readonly start: number;
  readonly end: number;
}

/** Asks for a range and says what is wrong with it; undefined when nothing is. */
async function problemOf(
  endpoint: Endpoint,
  headers: Readonly<Record<string, string>>,
  expected: Expected,
  limitBytes: number = expected.end - expected.start,
): Promise<string | undefined> {
  const part = await askPart(endpoint.exchange, headers, limitBytes);
  return headProblem(endpoint, part, expected) ?? bytesProblem(endpoint, part, expected, limitBytes);
}

function headProblem(
  { whole, version }: Endpoint,
  { status, headers }: Part,
  { start, end }: Expected,
): string | undefined {
  if (status === 200) return 'the whole object (200) in answer to a range';
  if (status !== 206) return `status ${status} in answer to a range`;
  const told = headers.get('content-range');
  const sent = parseContentRange(told);
  const isRight = sent?.start === start && sent.end === end && [undefined, whole.sizeBytes].includes(sent.sizeBytes);
  if (!isRight) return `Content-Range ${told ?? 'missing'}, not bytes ${start}-${end - 1}/${whole.sizeBytes}`;
  const length = headers.get('content-length');
  if (length !== null && Number(length) !== end - start)
    return `Content-Length ${length} on a range of ${end - start} bytes`;
  const etag = headers.get('etag');
  return etag === (version.etag ?? null)
    ? undefined
    : `ETag ${etag ?? 'missing'} on the range, ${version.etag} on the whole`;
}

function bytesProblem(
  { whole }: Endpoint,
  { bytes, isWhole }: Part,
  { start, end }: Expected,
  limitBytes: number,
): string | undefined {
  const wanted = Math.min(limitBytes, end - start);
  if (bytes.byteLength !== wanted) return `${bytes.byteLength} bytes came, not ${wanted}`;
  if (limitBytes === end - start && !isWhole) return `more bytes came than the range has`;
  if (whole.samples.matches(start, bytes) === false) return `other bytes than the whole has from ${start} on`;
  return undefined;
}

/** Two closed ranges, at the beginning and in the middle. */
export async function checkRange(endpoint: Endpoint): Promise<Finding> {
  const size = endpoint.whole.sizeBytes;
  if (size === undefined || size === 0) return skip(NO_SIZE);
  for (const start of new Set([Math.min(100, size - 1), middleOf(size)])) {
    const end = Math.min(size, start + RANGE_BYTES);
    const problem = await problemOf(endpoint, { Range: `bytes=${start}-${end - 1}` }, { start, end });
    if (problem !== undefined) return fail(`bytes=${start}-${end - 1}: ${problem}`, RANGE_ADVICE);
  }
  return pass('206, and the bytes of the whole, at the beginning and in the middle');
}

const NO_SIZE = 'no size to ask for ranges by';

export async function checkSuffixRange(endpoint: Endpoint): Promise<Finding> {
  return checkEnd(endpoint, (count) => `bytes=-${count}`);
}

export async function checkOpenRange(endpoint: Endpoint): Promise<Finding> {
  return checkEnd(endpoint, (count, size) => `bytes=${size - count}-`);
}

async function checkEnd(endpoint: Endpoint, rangeOf: (count: number, size: number) => string): Promise<Finding> {
  const size = endpoint.whole.sizeBytes;
  if (size === undefined || size === 0) return skip(NO_SIZE);
  const count = Math.min(RANGE_BYTES, size, SAMPLE_BYTES);
  const range = rangeOf(count, size);
  const problem = await problemOf(endpoint, { Range: range }, { start: size - count, end: size });
  return problem === undefined ? pass(`${range}: the last ${count} bytes`) : fail(`${range}: ${problem}`, RANGE_ADVICE);
}

export async function checkUnsatisfiableRange(endpoint: Endpoint): Promise<Finding> {
  const size = endpoint.whole.sizeBytes;
  if (size === undefined) return skip(NO_SIZE);
  const range = `bytes=${size}-`;
  const { status, headers } = await askPart(endpoint.exchange, { Range: range }, RANGE_BYTES);
  if (status !== 416) {
    return fail(
      `${range} behind the end: status ${status}`,
      'answer 416: curl -C - asks so when it has all, and takes 416 for that',
    );
  }
  const told = headers.get('content-range');
  if (parseUnsatisfiedRange(told) === size) return pass(`416, Content-Range: ${told}`);
  return warn(`416, Content-Range ${told ?? 'missing'}`, `send Content-Range: bytes */${size} along`);
}

/** Cuts a transfer, and goes on where it was. */
export async function checkResume(endpoint: Endpoint): Promise<Finding> {
  const size = endpoint.whole.sizeBytes;
  if (size === undefined || size < 2) return skip(NO_SIZE);
  const cutBytes = Math.min(CUT_BYTES, Math.floor(size / 2));
  const first = await askPart(endpoint.exchange, {}, cutBytes);
  if (endpoint.whole.samples.matches(0, first.bytes) === false) {
    return fail(
      'a second transfer brings other bytes than the first',
      'the object changes, or what sends it is not to be relied on',
    );
  }
  const goOn = (conditions: Readonly<Record<string, string>>) =>
    problemOf(
      endpoint,
      { ...conditions, Range: `bytes=${cutBytes}-` },
      { start: cutBytes, end: size },
      Math.min(CUT_BYTES, size - cutBytes),
    );
  const text = `cut after ${bytesText(cutBytes)}, went on at byte ${cutBytes}`;
  const etag = strongEtag(endpoint);
  const conditional = etag === undefined ? UNTRIED : await goOn({ 'If-Range': etag });
  if (conditional === undefined) return pass(`${text} by If-Range`);
  const plain = await goOn({});
  if (plain !== undefined) return fail(`after ${bytesText(cutBytes)}: ${plain}`, RANGE_ADVICE);
  return warn(
    `${text} by Range, but with If-Range: ${conditional}`,
    'compare If-Range with a strong ETag: browsers begin again',
  );
}

const UNTRIED = 'not tried, there is no strong ETag';

/** A part of one version must never be joined to another. */
export async function checkIfRange(endpoint: Endpoint): Promise<Finding> {
  const size = endpoint.whole.sizeBytes;
  if (size === undefined || size < 2) return skip(NO_SIZE);
  const headers = { Range: 'bytes=1-', 'If-Range': '"no-version-of-this-object"' };
  const { status } = await askPart(endpoint.exchange, headers, RANGE_BYTES);
  if (status === 200) return pass('another version: the whole object (200), no part of it');
  return fail(
    `another version: status ${status}, not 200`,
    status === 206
      ? 'a browser that resumes would join parts of two versions: compare If-Range, and send the whole when it does not match'
      : 'a false If-Range means the whole object: it is no error',
  );
}
