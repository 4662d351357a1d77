import { createRequire } from 'node:module';
import { AwsError } from '@spillway/wire';
import type * as FastXmlParser from 'fast-xml-parser';

/** An element's content: text, elements by name, or several of one name. Undefined is left out. */
export type XmlNode = string | number | boolean | undefined | readonly XmlNode[] | { readonly [name: string]: XmlNode };

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

interface Xml {
  readonly builder: FastXmlParser.XMLBuilder;
  readonly parser: FastXmlParser.XMLParser;
  readonly isWellFormed: (text: string) => boolean;
}

/** Elements whose blanks are their own: keys of objects, keys and values of tags. */
const EXACT: readonly string[] = ['Key', 'Value'];

let loaded: Xml | undefined;

/** Loaded with the first document, since a start needs no XML, and as CommonJS, since its ES modules take ten times as long to load. */
function xml(): Xml {
  if (loaded !== undefined) return loaded;
  const library = createRequire(import.meta.url)('fast-xml-parser') as typeof FastXmlParser;
  const attributes = { ignoreAttributes: false, attributeNamePrefix: '@' };
  loaded = {
    builder: new library.XMLBuilder({ ...attributes, processEntities: false, suppressEmptyNode: false }),
    parser: new library.XMLParser({
      ...{ processEntities: false, parseTagValue: false, ignoreAttributes: true, trimValues: false },
      tagValueProcessor: (name, value) => (EXACT.includes(name) ? value : value.trim()),
    }),
    isWellFormed: (text) => library.XMLValidator.validate(text) === true,
  };
  return loaded;
}

/** A document in S3's namespace. */
export function encodeXml(rootName: string, content: { readonly [name: string]: XmlNode }): Buffer {
  return Buffer.from(
    DECLARATION + xml().builder.build({ [rootName]: { '@xmlns': NAMESPACE, ...(escaped(content) as object) } }),
  );
}

/** An error document, which has no namespace. */
export function encodeErrorXml(content: { readonly [name: string]: XmlNode }): Buffer {
  return Buffer.from(DECLARATION + xml().builder.build({ Error: escaped(content) }));
}

/**
 * The content of a document's root element: text and elements by name, several of one name as an array.
 * @throws AwsError `MalformedXML` when it is not XML or has another root.
 */
export function decodeXml(text: string, rootName: string): Record<string, unknown> {
  const root = parsed(text)[rootName];
  if (root === undefined) throw new AwsError('MalformedXML');
  return unescaped(typeof root === 'object' ? root : {}) as Record<string, unknown>;
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  const { parser, isWellFormed } = xml();
  try {
    if (isWellFormed(text)) return parser.parse(text) as Record<string, unknown>;
  } catch (error) {
    // The parser refuses what could be an attack: external entities, too deep a document, names such as __proto__.
    throw new AwsError('MalformedXML', { cause: error });
  }
  throw new AwsError('MalformedXML');
}

function escaped(node: XmlNode): XmlNode {
  if (typeof node === 'object' && !isArray(node)) {
    return Object.fromEntries(
      Object.entries(node).flatMap(([name, child]) => (child === undefined ? [] : [[name, escaped(child)]])),
    );
  }
  if (isArray(node)) return node.map(escaped);
  return escapeText(String(node));
}

const isArray = (node: XmlNode): node is readonly XmlNode[] => Array.isArray(node);

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** A key may hold characters that XML can't, which S3 writes as references all the same. */
const escapeText = (text: string) =>
  text.replace(/[&<>"\p{Cc}]/gu, (character) => ESCAPES[character] ?? `&#x${character.charCodeAt(0).toString(16)};`);

function unescaped(node: unknown): unknown {
  if (typeof node === 'string') return unescapeText(node);
  if (Array.isArray(node)) return node.map(unescaped);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(Object.entries(node).map(([name, child]) => [name, unescaped(child)]));
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescapeText(text: string): string {
  return text.replace(/&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9a-f]{1,6}));/gi, (reference, name, decimal, hex) => {
    if (name !== undefined) return NAMED[name] ?? reference;
    const codePoint = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : reference;
  });
}
