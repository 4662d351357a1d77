import { describe } from 'vitest';
import { knownMisses } from './known-misses.ts';
import { runtimeClientSuite } from './runtime-client-suite.ts';
import { awsLambdaRic, LAMBDA_RIC_VARIABLE, ourBootstrap } from './runtime-clients.ts';

describe('bootstrap', () => runtimeClientSuite(ourBootstrap(), knownMisses));

const theirs = awsLambdaRic();
if (theirs) describe(theirs.name, () => runtimeClientSuite(theirs));
else
  describe.skip(`aws-lambda-ric 3.3.0: ${LAMBDA_RIC_VARIABLE} is not set, see scripts/install-conformance.sh`, () =>
    runtimeClientSuite(ourBootstrap()));
