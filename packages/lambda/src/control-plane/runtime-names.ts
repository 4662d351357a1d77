import { AwsError } from '@spillway/wire';

const SUPPORTED = [
  'nodejs24.x',
  'nodejs22.x',
  'nodejs20.x',
  'nodejs18.x',
  'python3.14',
  'python3.13',
  'python3.12',
  'python3.11',
  'python3.10',
  'python3.9',
  'provided.al2023',
  'provided.al2',
  'java25',
  'java21',
  'java17',
  'java11',
  'java8.al2',
  'dotnet10',
  'dotnet8',
  'ruby4.0',
  'ruby3.4',
  'ruby3.3',
  'ruby3.2',
];

const RETIRED = [
  'nodejs',
  'nodejs4.3',
  'nodejs4.3-edge',
  'nodejs6.10',
  'nodejs8.10',
  'nodejs10.x',
  'nodejs12.x',
  'nodejs14.x',
  'nodejs16.x',
  'java8',
  'python2.7',
  'python3.6',
  'python3.7',
  'python3.8',
  'dotnetcore1.0',
  'dotnetcore2.0',
  'dotnetcore2.1',
  'dotnetcore3.1',
  'dotnet6',
  'go1.x',
  'ruby2.5',
  'ruby2.7',
  'provided',
];

/**
 * @throws AwsError `InvalidParameterValueException` for a runtime that Lambda does not know, or no longer.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
 */
export function checkRuntimeName(runtime: string | undefined): void {
  if (runtime === undefined || SUPPORTED.includes(runtime)) return;
  const message = RETIRED.includes(runtime)
    ? `The runtime parameter of ${runtime} is no longer supported for creating or updating AWS Lambda functions. ` +
      'We recommend you use a supported runtime while creating or updating functions.'
    : `Value ${runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: ` +
      `[${SUPPORTED.join(', ')}] or be a valid ARN`;
  throw new AwsError('InvalidParameterValueException', { message });
}
