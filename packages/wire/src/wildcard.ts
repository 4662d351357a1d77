/**
 * Whether `text` is what a pattern of a policy says: `*` stands for any text, also none and over slashes, `?` for one character. Takes no more
 * than the product of both lengths: unlike a regular expression, however many stars there are and whoever chose the text.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  const [wanted, given] = [[...pattern], [...text]];
  let at = 0;
  let lastStar = -1;
  /** Where the text goes on after what the last star stands for. */
  let resume = 0;
  for (let index = 0; index < given.length; ) {
    if (wanted[at] === '*') {
      lastStar = at;
      resume = index;
      at += 1;
    } else if (wanted[at] === '?' || wanted[at] === given[index]) {
      at += 1;
      index += 1;
    } else if (lastStar >= 0) {
      at = lastStar + 1;
      resume += 1;
      index = resume;
    } else return false;
  }
  return wanted.slice(at).every((rest) => rest === '*');
}
