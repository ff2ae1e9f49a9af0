import { AppError } from '@nebula/contract/errors';
import { SaxesParser, type SaxesTagNS } from 'saxes';

/** An element with its names in the usual prefixes, whatever prefixes the file uses. */
export type XmlNode = {
  name: string;
  attributes: Record<string, string>;
  children: XmlNode[];
  text: string;
};

/** What a stream of XML calls; names are in the usual prefixes. */
export type XmlHandler = {
  open: (name: string, attributes: Record<string, string>) => void;
  close: (name: string) => void;
  text?: (text: string) => void;
};

export const xmlLimits = { depth: 512, elements: 3_000_000 } as const;

const chunkChars = 65_536;

/** Namespaces of the transitional and the strict format. */
const prefixes = new Map<string, string>(
  Object.entries({
    'http://schemas.openxmlformats.org/wordprocessingml/2006/main': 'w',
    'http://purl.oclc.org/ooxml/wordprocessingml/main': 'w',
    'http://schemas.openxmlformats.org/officeDocument/2006/relationships': 'r',
    'http://purl.oclc.org/ooxml/officeDocument/relationships': 'r',
    'http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing': 'wp',
    'http://purl.oclc.org/ooxml/drawingml/wordprocessingDrawing': 'wp',
    'http://schemas.openxmlformats.org/drawingml/2006/main': 'a',
    'http://purl.oclc.org/ooxml/drawingml/main': 'a',
    'http://schemas.openxmlformats.org/drawingml/2006/picture': 'pic',
    'http://purl.oclc.org/ooxml/drawingml/picture': 'pic',
    'http://schemas.openxmlformats.org/drawingml/2006/chart': 'c',
    'http://purl.oclc.org/ooxml/drawingml/chart': 'c',
    'http://schemas.openxmlformats.org/drawingml/2006/diagram': 'dgm',
    'http://schemas.openxmlformats.org/officeDocument/2006/math': 'm',
    'http://purl.oclc.org/ooxml/officeDocument/math': 'm',
    'http://schemas.openxmlformats.org/markup-compatibility/2006': 'mc',
    'http://schemas.microsoft.com/office/word/2010/wordprocessingShape': 'wps',
    'http://schemas.microsoft.com/office/word/2010/wordprocessingGroup': 'wpg',
    'http://schemas.microsoft.com/office/word/2010/wordprocessingCanvas': 'wpc',
    'http://schemas.microsoft.com/office/word/2010/wordprocessingInk': 'wpi',
    'http://schemas.microsoft.com/office/drawing/2014/chartex': 'cx',
    'urn:schemas-microsoft-com:vml': 'v',
    'urn:schemas-microsoft-com:office:office': 'o',
    'http://schemas.openxmlformats.org/package/2006/relationships': 'rel',
    'http://schemas.openxmlformats.org/package/2006/content-types': 'ct',
    'http://schemas.openxmlformats.org/package/2006/metadata/core-properties': 'cp',
    'http://purl.org/dc/elements/1.1/': 'dc',
    'http://purl.org/dc/terms/': 'dcterms',
    'http://www.w3.org/XML/1998/namespace': 'xml',
  }),
);

/**
 * Reads XML from beginning to end. A document type is refused: Office files have none, and entities
 * are a way to read files or to fill the memory.
 *
 * @throws AppError `corrupt_input` (not well-formed), `input_too_complex` (too deep, too long)
 */
export function streamXml(text: string, handler: XmlHandler): void {
  const parser = new SaxesParser<{ xmlns: true }>({ xmlns: true });
  const names: string[] = [];
  let elements = 0;
  parser.on('error', (error) => {
    throw damaged(error.message);
  });
  parser.on('doctype', () => {
    throw damaged('it declares a document type');
  });
  parser.on('opentag', (tag) => {
    elements += 1;
    if (names.length >= xmlLimits.depth || elements > xmlLimits.elements) throw tooComplex();
    const name = qualified(tag.uri, tag.prefix, tag.local);
    names.push(name);
    handler.open(name, attributesOf(tag));
  });
  parser.on('closetag', () => {
    const name = names.pop();
    if (name !== undefined) handler.close(name);
  });
  if (handler.text) {
    parser.on('text', handler.text);
    parser.on('cdata', handler.text);
  }
  const body = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  for (let at = 0; at < body.length; at += chunkChars)
    parser.write(body.slice(at, at + chunkChars));
  parser.close();
}

/** Reads a small part as a tree. */
export function readXml(text: string): XmlNode {
  const top = createNode('', {});
  const builder = createTreeBuilder(top);
  streamXml(text, builder);
  return top.children[0] ?? top;
}

/** Fills `root` with what it is told; for parts of a stream. */
export function createTreeBuilder(root: XmlNode): Required<XmlHandler> {
  const stack = [root];
  return {
    open: (name, attributes) => {
      const node = createNode(name, attributes);
      stack.at(-1)?.children.push(node);
      stack.push(node);
    },
    close: () => {
      stack.pop();
    },
    text: (text) => {
      const node = stack.at(-1);
      if (node) node.text += text;
    },
  };
}

export function createNode(name: string, attributes: Record<string, string>): XmlNode {
  return { name, attributes, children: [], text: '' };
}

export function child(node: XmlNode | undefined, name: string): XmlNode | undefined {
  return node?.children.find((each) => each.name === name);
}

/** The `w:val` of a child, the way most properties are written. */
export function propertyOf(node: XmlNode | undefined, name: string): string | undefined {
  return child(node, name)?.attributes['w:val'];
}

/** A property that is on by its presence, unless its value says otherwise. */
export function switchOf(node: XmlNode | undefined, name: string): boolean | undefined {
  const found = child(node, name);
  if (!found) return undefined;
  return !['0', 'false', 'off', 'none'].includes(found.attributes['w:val'] ?? '');
}

/** A whole number of an attribute; undefined for anything else. */
export function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\s*[+-]?\d{1,12}(\.\d+)?\s*(pt|in|cm|mm|pc|pi)?\s*$/.test(text))
    return undefined;
  return Number.parseFloat(text);
}

const twipsPerUnit = { pt: 20, in: 1440, cm: 1440 / 2.54, mm: 1440 / 25.4, pc: 240, pi: 240 };

/** Points of a measure in twips, or with a unit as the strict format writes it. */
export function twips(text: string | undefined): number | undefined {
  const number = numberOf(text);
  if (number === undefined) return undefined;
  const unit = /(pt|in|cm|mm|pc|pi)\s*$/.exec(text ?? '')?.[1] as keyof typeof twipsPerUnit;
  return (number * (unit ? twipsPerUnit[unit] : 1)) / 20;
}

function attributesOf(tag: SaxesTagNS): Record<string, string> {
  const attributes: Record<string, string> = Object.create(null);
  for (const key in tag.attributes) {
    const attribute = tag.attributes[key];
    if (!attribute || attribute.prefix === 'xmlns') continue;
    const name = attribute.prefix
      ? qualified(attribute.uri, attribute.prefix, attribute.local)
      : attribute.local;
    attributes[name] = attribute.value;
  }
  return attributes;
}

function qualified(uri: string, prefix: string, local: string): string {
  const known = prefixes.get(uri) ?? prefix;
  return known ? `${known}:${local}` : local;
}

function damaged(why: string): AppError {
  return new AppError('corrupt_input', `The document is damaged: ${why.slice(0, 200)}.`, {
    param: 'file',
  });
}

function tooComplex(): AppError {
  return new AppError(
    'input_too_complex',
    'The document has too many or too deeply nested parts.',
    {
      param: 'file',
      extra: { max_depth: xmlLimits.depth, max_elements: xmlLimits.elements },
    },
  );
}
