export type { AwsHostsOptions } from './aws-hosts/aws-hosts.ts';
export { isCodeLocation } from './control-plane/code-locations.ts';
export { type FunctionUrlAddress, functionUrlAddress } from './function-url/function-url-address.ts';
export { type FoundInterpreter, findInterpreter, type InterpreterRequest } from './interpreters/find-interpreter.ts';
export { type Lambda, type LambdaOptions, startLambda } from './start-lambda.ts';
