import { AwsError } from '@spillway/wire';

type Matcher = (message: string) => boolean;

/**
 * Reads a filter pattern of terms: `a b` (all), `-a` (none), `?a ?b` (any), `"two words"`. Case counts.
 * @throws AwsError `InvalidParameterException` for patterns of JSON, of columns and of regular expressions: they are not read here.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export function filterPattern(pattern: string): Matcher {
  const text = pattern.trim();
  if (/^[{[]/.test(text)) throw unsupported(text.startsWith('{') ? 'JSON filter patterns' : 'space-delimited patterns');
  const terms = [...text.matchAll(/([-?]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))/g)].map(([, sign = '', quoted, bare = '']) => {
    if (quoted === undefined && /^%.*%$/.test(bare)) throw unsupported('regular expressions');
    return { sign, text: quoted?.replace(/\\(.)/g, '$1') ?? bare };
  });
  const having = (sign: string) => terms.filter((term) => term.sign === sign);
  const [all, none, any] = [having(''), having('-'), having('?')];
  return (message) => {
    const has = (term: { readonly text: string }) => message.includes(term.text);
    // Beside terms that must be there, optional ones change nothing.
    const anyMatches = any.length === 0 || all.length > 0 || any.some(has);
    return anyMatches && all.every(has) && !none.some(has);
  };
}

const unsupported = (what: string) =>
  new AwsError('InvalidParameterException', {
    message: `Invalid filter pattern: ${what} are not supported here, only terms: a "b c" -d ?e ?f`,
  });
