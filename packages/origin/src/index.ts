export type { PutObjectInput } from './put-object.ts';
export { type Origin, type OriginOptions, startOrigin } from './start-origin.ts';
