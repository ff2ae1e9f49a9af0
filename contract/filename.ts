/**
 * Makes a caller's file name safe to show and to send in a header. It is never a path: separators,
 * control characters and direction overrides are gone, and at most 255 characters remain.
 *
 * @example
 * displayName('../../etc/pass\nwd') // 'pass_wd'
 */
export function displayName(name: string, fallback = 'file'): string {
  const base = name.normalize('NFC').split(/[/\\]/).at(-1) ?? '';
  const clean = base
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes.
    .replace(/[\u0000-\u001f\u007f-\u009f]+/g, '_')
    .replace(/[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, '')
    .replace(/[<>:"|?*]/g, '_')
    .replace(/^[\s.]+|[\s.]+$/g, '');
  return [...clean].slice(0, 255).join('') || fallback;
}

/** The `Content-Disposition` of a download, with an ASCII name and the real one. */
export function contentDisposition(filename: string, kind: 'attachment' | 'inline' = 'attachment') {
  const name = displayName(filename);
  const plain = name
    .normalize('NFKD')
    .replace(/[^\x20-\x7e]/g, '')
    .replace(/["\\%;]/g, '_')
    .trim();
  const encoded = encodeURIComponent(name).replace(
    /['()*!]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${plain || 'file'}"; filename*=UTF-8''${encoded}`;
}
