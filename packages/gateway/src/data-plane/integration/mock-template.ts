/** What of the template language a text uses: the first directive or reference, or undefined for plain text. */
export function vtlConstruct(template: string): string | undefined {
  return /#\{?(?:set|if|elseif|else|end|foreach|macro|define|include|parse|evaluate|stop|break)\b|\$!?\{?[A-Za-z][\w.]*|#[#*]/.exec(
    template,
  )?.[0];
}

/** The status of `{"statusCode": 200}`, the one request template that a MOCK integration needs; quotes around the key may be missing. */
export function mockStatusCode(template: string): string | undefined {
  return /^\s*\{\s*["']?statusCode["']?\s*:\s*["']?([1-5]\d\d)["']?\s*,?\s*\}\s*$/.exec(template)?.[1];
}
