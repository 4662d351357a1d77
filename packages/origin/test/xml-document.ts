import { XMLParser } from 'fast-xml-parser';

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Its own, without that of its children. */
  readonly text: string;
}

type ParsedNode = Readonly<Record<string, readonly ParsedNode[] | string | Readonly<Record<string, string>>>>;

/** The root of an XML document. */
export function parseXml(text: string): XmlElement {
  const options = { preserveOrder: true, ignoreAttributes: false, attributeNamePrefix: '', parseTagValue: false };
  const nodes = new XMLParser({ ...options, trimValues: false, ignoreDeclaration: true }).parse(text) as ParsedNode[];
  const [root, ...more] = elementsOf(nodes);
  if (root === undefined || more.length > 0) throw new Error(`no XML document: ${text}`);
  return root;
}

const elementsOf = (nodes: readonly ParsedNode[]): XmlElement[] =>
  nodes.filter((node) => !('#text' in node)).map(elementOf);

function elementOf(node: ParsedNode): XmlElement {
  const name = Object.keys(node).find((key) => key !== ':@') ?? '';
  const content = (node[name] ?? []) as readonly ParsedNode[];
  return {
    name,
    attributes: (node[':@'] ?? {}) as Readonly<Record<string, string>>,
    children: elementsOf(content),
    text: content.map((part) => String(part['#text'] ?? '')).join(''),
  };
}
