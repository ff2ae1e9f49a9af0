const maxNameBytes = 255;

/**
 * Makes a caller's file name safe to show, to save and to send in a header: no path, no control or
 * direction characters, no leading dot or dash, no name that Windows reserves, at most 255 bytes.
 *
 * @param extension is put behind the name, and counts
 * @example
 * displayName('../../etc/pass\nwd') // 'passwd'
 */
export function displayName(name: string, fallback = 'file', extension = ''): string {
  const base = name.toWellFormed().normalize('NFC').replace(invisible, '').split(/[\\/]/).at(-1);
  const bare = (base ?? '')
    .replace(/[:*?"<>|]/g, '_')
    .replace(/^[\s.-]+/, '')
    .replace(/[\s.]+$/, '');
  const short = cutToBytes(bare || fallback, maxNameBytes - 1 - extension.length);
  return (/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(short) ? `_${short}` : short) + extension;
}

/** Tells equal names apart by a number: `a.png`, `a-2.png`. */
export function uniqueNames(names: string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const dot = name.lastIndexOf('.');
    let unique = name;
    for (let number = 2; taken.has(unique); number++) {
      const suffix = `-${number}`;
      const extension = dot < 0 ? '' : name.slice(dot);
      const stem = dot < 0 ? name : name.slice(0, dot);
      unique = cutToBytes(stem, maxNameBytes - suffix.length - extension.length);
      unique += suffix + extension;
    }
    taken.add(unique);
    return unique;
  });
}

/** Control characters, line separators, and what changes the direction of the text around it. */
const invisible =
  /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

function cutToBytes(text: string, maxBytes: number): string {
  const encoder = new TextEncoder();
  let bytes = 0;
  let kept = '';
  for (const character of text) {
    bytes += encoder.encode(character).length;
    if (bytes > maxBytes) break;
    kept += character;
  }
  return kept;
}

/** The `Content-Disposition` of a download, with an ASCII name and the real one. */
export function contentDisposition(filename: string, kind: 'attachment' | 'inline' = 'attachment') {
  const name = displayName(filename);
  const plain = name
    .normalize('NFKD')
    .replace(/[^\x20-\x7e]/g, '')
    .replace(/["\\%;]/g, '_')
    .replace(/^[\s-]+/, '')
    .trimEnd();
  const encoded = encodeURIComponent(name).replace(
    /['()*!]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${/^[^.]/.test(plain) ? plain : `file${plain}`}"; filename*=UTF-8''${encoded}`;
}
