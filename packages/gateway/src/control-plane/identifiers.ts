import { randomInt } from 'node:crypto';
import { stableId } from '@spillway/wire';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** As API Gateway gives out: ten of `[a-z0-9]` for REST APIs and API keys, six for all within an API. */
export const randomId = (length: 6 | 10): string => randomText(ALPHABET, length);

/** Of an API key: forty letters and digits. */
export const randomKeyValue = (): string => randomText(`${ALPHABET}${ALPHABET.slice(0, 26).toUpperCase()}`, 40);

const randomText = (alphabet: string, length: number) =>
  Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('');

/** Of a deployment that a template makes: the same at each start, so that logs and events of two runs compare. */
export const stableDeploymentId = (restApiId: string, count: number): string =>
  stableId(`${restApiId} ${count}`).slice(0, 6);
