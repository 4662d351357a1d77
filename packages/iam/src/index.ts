export { type IamOptions, startIam } from './start-iam.ts';
