/** What the product can read or write, by content. */
export const fileTypes = {
  pdf: { mime: 'application/pdf', extension: 'pdf', title: 'PDF' },
  html: { mime: 'text/html', extension: 'html', title: 'HTML' },
  zip: { mime: 'application/zip', extension: 'zip', title: 'ZIP' },
  jpg: { mime: 'image/jpeg', extension: 'jpg', title: 'JPEG' },
  png: { mime: 'image/png', extension: 'png', title: 'PNG' },
  webp: { mime: 'image/webp', extension: 'webp', title: 'WebP' },
  avif: { mime: 'image/avif', extension: 'avif', title: 'AVIF' },
  gif: { mime: 'image/gif', extension: 'gif', title: 'GIF' },
  tiff: { mime: 'image/tiff', extension: 'tiff', title: 'TIFF' },
  svg: { mime: 'image/svg+xml', extension: 'svg', title: 'SVG' },
  docx: {
    mime: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    extension: 'docx',
    title: 'Word (.docx)',
  },
  mp4: { mime: 'video/mp4', extension: 'mp4', title: 'MP4' },
  mov: { mime: 'video/quicktime', extension: 'mov', title: 'QuickTime' },
  mkv: { mime: 'video/x-matroska', extension: 'mkv', title: 'Matroska' },
  webm: { mime: 'video/webm', extension: 'webm', title: 'WebM' },
  avi: { mime: 'video/x-msvideo', extension: 'avi', title: 'AVI' },
  flv: { mime: 'video/x-flv', extension: 'flv', title: 'Flash video' },
  mpg: { mime: 'video/mpeg', extension: 'mpg', title: 'MPEG' },
  ts: { mime: 'video/mp2t', extension: 'ts', title: 'MPEG transport stream' },
  json: { mime: 'application/json', extension: 'json', title: 'JSON' },
} as const satisfies Record<string, { mime: string; extension: string; title: string }>;

export type FileType = keyof typeof fileTypes;

/** How many leading bytes {@link sniffFileType} wants to see. */
export const sniffBytes = 4096;

/**
 * Decides a file's type from its first bytes alone; names and declared types have no say.
 *
 * @param head the first {@link sniffBytes} bytes, or the whole file where it is shorter
 */
export function sniffFileType(head: Uint8Array): FileType | undefined {
  for (const [type, matches] of magic) if (matches(head)) return type;
  return sniffText(head);
}

const magic: readonly [FileType, (head: Uint8Array) => boolean][] = [
  ['pdf', (head) => ascii(head, 0, 5) === '%PDF-'],
  ['jpg', (head) => head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff],
  ['png', (head) => ascii(head, 0, 8) === '\x89PNG\r\n\x1a\n'],
  ['gif', (head) => /^GIF8[79]a$/.test(ascii(head, 0, 6))],
  ['webp', (head) => ascii(head, 0, 4) === 'RIFF' && ascii(head, 8, 12) === 'WEBP'],
  ['avif', (head) => ascii(head, 4, 8) === 'ftyp' && /avi[fs]/.test(ascii(head, 8, 32))],
  ['tiff', (head) => ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].includes(ascii(head, 0, 4))],
  ['docx', isDocx],
  ['zip', (head) => ascii(head, 0, 4) === 'PK\x03\x04'],
  ['mov', (head) => ascii(head, 4, 12) === 'ftypqt  ' || isOldQuickTime(head)],
  ['mp4', (head) => ascii(head, 4, 8) === 'ftyp' && videoBrands.test(ascii(head, 8, 12))],
  ['webm', (head) => isEbml(head) && ascii(head, 0, 64).includes('webm')],
  ['mkv', (head) => isEbml(head) && ascii(head, 0, 64).includes('matroska')],
  ['avi', (head) => ascii(head, 0, 4) === 'RIFF' && ascii(head, 8, 12) === 'AVI '],
  ['flv', (head) => ascii(head, 0, 4) === 'FLV\x01'],
  ['mpg', (head) => ['\0\0\x01\xba', '\0\0\x01\xb3'].includes(ascii(head, 0, 4))],
  ['ts', (head) => [0, 188, 376].every((at) => head[at] === 0x47)],
];

const videoBrands =
  /^(isom|iso[2-9]|mp4[12]|avc1|M4V |M4VH|M4VP|mmp4|3gp[4-9]|3g2[a-c]|dash|msdh|f4v |XAVC|MSNV)$/;

/** QuickTime files of before `ftyp` begin with one of their atoms. */
function isOldQuickTime(head: Uint8Array): boolean {
  return ['moov', 'mdat', 'wide'].includes(ascii(head, 4, 8));
}

function isEbml(head: Uint8Array): boolean {
  return ascii(head, 0, 4) === '\x1a\x45\xdf\xa3';
}

/** The container of encrypted Office packages, and of everything that Office wrote before 2007. */
function isOle(head: Uint8Array): boolean {
  return ascii(head, 0, 8) === '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1';
}

/** Names of streams, in UTF-16; where they lie further back, the tool itself finds them. */
const oldOfficeStreams = new RegExp(
  ['WordDocument', 'Workbook', 'PowerPoint Document'].map((name) => [...name].join('\0')).join('|'),
);

/** A ZIP is a Word document when its first entries are those of an Office package with `word/`. */
function isDocx(head: Uint8Array): boolean {
  if (isOle(head)) return !oldOfficeStreams.test(ascii(head, 0, head.length));
  if (ascii(head, 0, 4) !== 'PK\x03\x04') return false;
  const first = ascii(head, 30, 30 + (head[26] ?? 0));
  if (first.startsWith('word/')) return true;
  const isPackage = /^(\[Content_Types\]\.xml|_rels\/|docProps\/)/.test(first);
  const text = ascii(head, 0, head.length);
  return isPackage && !/(xl|ppt)\//.test(text);
}

/** Text has no magic number: markup counts when it begins the file, after BOM, space and comments. */
function sniffText(head: Uint8Array): FileType | undefined {
  if (head.subarray(0, 512).includes(0)) return undefined;
  const text = new TextDecoder('utf-8').decode(head).trimStart();
  const start = skipProlog(text).toLowerCase();
  if (start.startsWith('<svg') || start.startsWith('<!doctype svg')) return 'svg';
  if (/^<(!doctype html|html|head|body|meta|title|style|script|link|base)\b/.test(start))
    return 'html';
  if (/^<[a-z][a-z0-9-]*[\s/>]/.test(start) && !text.startsWith('<?xml')) return 'html';
  return undefined;
}

function skipProlog(text: string): string {
  let rest = text;
  for (;;) {
    const end = rest.startsWith('<!--') ? '-->' : rest.startsWith('<?') ? '?>' : undefined;
    if (end === undefined) return rest;
    const at = rest.indexOf(end);
    if (at < 0) return '';
    rest = rest.slice(at + end.length).trimStart();
  }
}

function ascii(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}
