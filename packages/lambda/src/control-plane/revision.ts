import { AwsError } from '@spillway/wire';

/** @throws AwsError `PreconditionFailedException` when the caller knows an older revision. */
export function checkRevision(
  asked: string | undefined,
  current: string | undefined,
  api: 'GetFunction/GetAlias' | 'GetPolicy' = 'GetFunction/GetAlias',
): void {
  if (asked === undefined || asked === current) return;
  throw new AwsError('PreconditionFailedException', {
    message: `The Revision Id provided does not match the latest Revision Id. Call the ${api} API to retrieve the latest Revision Id`,
  });
}
