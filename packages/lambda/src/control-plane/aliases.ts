import type { AliasDocument, FunctionDocument } from './function-document.ts';

export const findAlias = ({ aliases }: FunctionDocument, name: string): AliasDocument | undefined =>
  aliases.find((alias) => alias.name === name);

/** The version that an alias points to. */
export const aliasVersion = (document: FunctionDocument, name: string): string | undefined =>
  findAlias(document, name)?.version;
