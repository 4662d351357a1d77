export { type Lambda, type LambdaOptions, startLambda } from './start-lambda.ts';
