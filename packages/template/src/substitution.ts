/** A piece of a `Fn::Sub` string. */
export type SubstitutionPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string };

/**
 * Splits a `Fn::Sub` string. `${Name}` and `${Name.Attribute}` are variables, `${!Literal}` is the text `${Literal}`; a `$` that opens
 * nothing is text.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html
 */
export function parseSubstitution(template: string): SubstitutionPart[] {
  const parts: SubstitutionPart[] = [];
  let text = '';
  let offset = 0;
  for (const match of template.matchAll(/\$\{([^${}]*)\}/g)) {
    text += template.slice(offset, match.index);
    offset = match.index + match[0].length;
    const inner = match[1] ?? '';
    if (inner.startsWith('!')) {
      text += `\${${inner.slice(1)}}`;
      continue;
    }
    if (text !== '') parts.push({ kind: 'text', text });
    text = '';
    parts.push({ kind: 'variable', name: inner.trim() });
  }
  text += template.slice(offset);
  if (text !== '') parts.push({ kind: 'text', text });
  return parts;
}
