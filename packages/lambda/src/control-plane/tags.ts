import { AwsError } from '@spillway/wire';

/** @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html */
const MAX_TAGS = 50;

/** @throws AwsError `InvalidParameterValueException` for more than fifty, or keys and values that are no tags. */
export function checkTags(tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (Object.keys(tags).length > MAX_TAGS) throw invalid('Number of tags exceeds resource tag limit.');
  for (const [key, value] of Object.entries(tags)) {
    if (key.length === 0 || key.length > 128 || key.toLowerCase().startsWith('aws:')) {
      throw invalid(
        `The tag key ${JSON.stringify(key)} is not valid: 1 to 128 characters that do not begin with aws:.`,
      );
    }
    if (value.length > 256) throw invalid(`The value of the tag ${key} is longer than 256 characters.`);
  }
  return tags;
}

const invalid = (message: string) => new AwsError('InvalidParameterValueException', { message });
