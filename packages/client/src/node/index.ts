export type { Check, CheckName, Finding, Verdict } from '../verify/check.ts';
export { CHECK_NAMES } from '../verify/check.ts';
export type { Pace } from '../verify/timing-checks.ts';
export {
  VERIFY_MAX_BYTES,
  VERIFY_TIMEOUT_MS,
  type Verification,
  type VerifyOptions,
} from '../verify/verify-endpoint.ts';
export { type DownloadedFile, type DownloadToFileOptions, downloadToFile } from './download-to-file.ts';
export { verifyEndpoint } from './verify-endpoint.ts';
