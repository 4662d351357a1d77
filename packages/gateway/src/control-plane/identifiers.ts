import { randomInt } from 'node:crypto';
import { stableId } from '@spillway/wire';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** As API Gateway gives out: ten of `[a-z0-9]` for REST APIs and API keys, six for all within an API. */
export const randomId = (length: 6 | 10): string =>
  Array.from({ length }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('');

/** Of a deployment that a template makes: the same at each start, so that logs and events of two runs compare. */
export const stableDeploymentId = (restApiId: string, count: number): string =>
  stableId(`${restApiId} ${count}`).slice(0, 6);
