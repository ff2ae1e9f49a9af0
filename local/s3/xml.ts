/** An XML element: its name, and text or further elements. */
export type Node = [name: string, content: string | number | boolean | readonly Node[]];

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** A whole document with S3's namespace. */
export function writeXml(name: string, children: readonly Node[]): string {
  const body = children.map(writeNode).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${body}</${name}>`;
}

function writeNode([name, content]: Node): string {
  const inner = Array.isArray(content)
    ? content.map(writeNode).join('')
    : encodeEntities(String(content));
  return `<${name}>${inner}</${name}>`;
}

function encodeEntities(text: string): string {
  return text.replace(/[&<>"'\p{Cc}]/gu, (char) => escapes[char] ?? `&#${char.charCodeAt(0)};`);
}

/** The texts of every element of a name, in order. S3's request bodies nest no element in itself. */
export function readAll(xml: string, name: string): string[] {
  const pattern = new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`, 'g');
  return [...xml.matchAll(pattern)].map((match) => match[1] ?? '');
}

/** The text of the first element of a name, unescaped. */
export function readText(xml: string, name: string): string | undefined {
  const [text] = readAll(xml, name);
  return text === undefined ? undefined : decodeEntities(text.trim());
}

function decodeEntities(text: string): string {
  return text
    .replace(/&#x([0-9a-f]+);/gi, (_match, code: string) => fromCode(Number.parseInt(code, 16)))
    .replace(/&#(\d+);/g, (_match, code: string) => fromCode(Number(code)))
    .replace(/&(lt|gt|quot|apos|amp);/g, (match) => {
      return Object.keys(escapes).find((char) => escapes[char] === match) ?? match;
    });
}

const fromCode = (code: number) => (code <= 0x10ffff ? String.fromCodePoint(code) : '');
