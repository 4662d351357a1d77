import { AWS_LIMITS } from '@spillway/wire';
import type { Exchange } from '../exchange.ts';
import { askPart } from './ask-part.ts';
import { type Finding, fail, pass, warn } from './check.ts';
import { bytesText, secondsText } from './sizes.ts';

/** Past what a buffered response can hold. */
const LIMIT_BYTES = AWS_LIMITS.gatewayBufferedResponseBytes + 1;

/** What a route does with an object that is too large for it: an error that is whole, soon, and no part of the object. */
export async function checkBuffered(exchange: Exchange): Promise<Finding> {
  const startedMs = performance.now();
  const { status, bytes, isWhole } = await askPart(exchange, {}, LIMIT_BYTES);
  const seen = `status ${status}, ${bytesText(bytes.byteLength)}${isWhole ? '' : ' and more'} in ${secondsText(performance.now() - startedMs)}`;
  if (status === 502 || status === 413) return pass(`${seen}: refused by a whole answer`);
  if (status === 500 || status === 504)
    return warn(`${seen}: an error, but not that of a response too large (502, 413)`, "read the function's log");
  if (status !== 200)
    return fail(
      `${seen}: neither the object nor a refusal of its size`,
      'name an object that is there, on a BUFFERED route',
    );
  if (!isWhole) return warn(`${seen}: it arrives`, 'this is no buffered route of AWS');
  return warn(`${seen}: the object fits`, 'name an object of more than 6 MiB (6,291,556 bytes), which Lambda holds to');
}
