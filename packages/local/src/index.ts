export { type Route, routesOf, stageUrl, withLocalUrls } from './local-urls.ts';
export { type Local, type LocalObject, type LocalOptions, startLocal } from './start-local.ts';
