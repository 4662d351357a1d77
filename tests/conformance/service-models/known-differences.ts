import type { ServiceName } from './service-model.ts';

interface KnownDifference {
  readonly fault: RegExp;
  readonly reason: string;
}

/** Where AWS itself does not keep to its model, and we do as AWS does. */
export const KNOWN_DIFFERENCES: Readonly<Record<ServiceName, readonly KnownDifference[]>> = {
  apigateway: [
    {
      fault: /responseTemplates\[application\/json\]: null is no string/,
      reason: 'An empty template of an integration response is echoed as null, as recorded from AWS.',
    },
  ],
  lambda: [
    {
      fault: /LastUpdateStatusReasonCode: Creating is no LastUpdateStatusReasonCode/,
      reason: 'An update in progress says Creating, as recorded from AWS; the model has that of states alone.',
    },
    {
      fault: /^GetFunctionCodeSigningConfig: \$\.CodeSigningConfigArn: is required/,
      reason: 'A function without one has its name alone in the answer, as recorded from AWS.',
    },
  ],
  logs: [],
  iam: [],
  sts: [],
  s3: [
    {
      fault: /^GetBucketLocation: \$\.LocationConstraint: {2}is no BucketLocationConstraint/,
      reason:
        'Of us-east-1 the element is empty: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html',
    },
    {
      fault: /^GetBucketVersioning: is empty/,
      reason:
        'As of every bucket that never had versions: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html',
    },
    {
      fault: /^PutBucket(Tagging|Policy): status 204, not 200/,
      reason: '204 as in the examples of S3, https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html',
    },
  ],
};

/** The same of refusals. */
export const KNOWN_REFUSALS: readonly KnownDifference[] = [
  {
    fault: /^DeleteAlias: 404 ResourceNotFoundException is no error of it/,
    reason: 'The model has no error for a function that is not there, which every other operation of aliases has.',
  },
];
