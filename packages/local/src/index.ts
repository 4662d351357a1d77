export { findInterpreter } from '@spillway/lambda';
export type { LocalOptions } from './local-options.ts';
export {
  functionUrlsOf,
  type LocalFunctionUrl,
  type Route,
  routesOf,
  stageUrl,
  withLocalUrls,
} from './local-urls.ts';
export { type Local, type LocalObject, startLocal } from './start-local.ts';
