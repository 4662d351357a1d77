import type { PublicAccessBlockConfiguration } from '@spillway/wire';
import type { Properties } from '../properties.ts';
import { BUCKET, BUCKET_POLICY } from '../property-support.ts';
import { propertiesOf, type ReadContext, type StackDraft } from '../read-context.ts';
import { bucketName } from '../references.ts';
import { holdsUnresolved, plain } from '../template-node.ts';
import type { TemplateResource } from '../template-resource.ts';
import { checkProperties } from '../unsupported.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET_NAME = /^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html */
export function readBucket(resource: TemplateResource, draft: StackDraft, context: ReadContext): void {
  const properties = propertiesOf(resource, context);
  const { problems } = context;
  checkProperties(properties, BUCKET, problems);
  const name = properties.text('BucketName') ?? bucketName(resource.logicalId);
  if (!BUCKET_NAME.test(name)) {
    problems.error(
      properties.at('BucketName'),
      `${JSON.stringify(name)} is no name for a bucket: 3 to 63 lower-case letters, digits, dots and hyphens.`,
    );
  }
  if ((properties.text('AccessControl') ?? 'Private') !== 'Private') {
    problems.unsupported(
      properties.at('AccessControl'),
      `AccessControl of ${properties.label} is not supported: ACLs are not emulated. Use an AWS::S3::BucketPolicy.`,
    );
  }
  if (properties.map('VersioningConfiguration')?.text('Status') === 'Enabled') {
    problems.unsupported(
      properties.at('VersioningConfiguration'),
      `VersioningConfiguration of ${properties.label} is not supported: the local S3 keeps one version of each object.`,
    );
  }
  const publicAccessBlock = readPublicAccessBlock(properties.map('PublicAccessBlockConfiguration'));
  draft.buckets.push({ at: resource.at, logicalId: resource.logicalId, bucketName: name, publicAccessBlock });
}

/** A new bucket blocks all; a configuration that is given counts whole, and what it leaves out is off. */
function readPublicAccessBlock(configuration: Properties | undefined): PublicAccessBlockConfiguration {
  const isBlocked = (name: string) => (configuration === undefined ? true : (configuration.boolean(name) ?? false));
  return {
    blockPublicAcls: isBlocked('BlockPublicAcls'),
    ignorePublicAcls: isBlocked('IgnorePublicAcls'),
    blockPublicPolicy: isBlocked('BlockPublicPolicy'),
    restrictPublicBuckets: isBlocked('RestrictPublicBuckets'),
  };
}

/** Read after all buckets. @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucketpolicy.html */
export function readBucketPolicy(resource: TemplateResource, draft: StackDraft, context: ReadContext): void {
  const properties = propertiesOf(resource, context);
  checkProperties(properties, BUCKET_POLICY, context.problems);
  const name = properties.requiredText('Bucket');
  const document = properties.node('PolicyDocument');
  if (document === undefined) context.problems.error(properties.start, `${properties.label} has no PolicyDocument.`);
  if (name === undefined || document === undefined || holdsUnresolved(document)) return;
  const bucket = draft.buckets.find((candidate) => candidate.bucketName === name);
  if (bucket === undefined) {
    context.problems.unsupported(
      properties.at('Bucket'),
      `${properties.label} is for the bucket ${name}, which this template does not create.`,
    );
  } else if (bucket.policy !== undefined) {
    context.problems.error(resource.at, `The bucket ${name} has two policies; S3 keeps one.`);
  } else {
    bucket.policy = document.kind === 'scalar' ? String(document.value) : JSON.stringify(plain(document));
  }
}
