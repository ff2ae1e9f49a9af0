/** Collects XML in pieces; `begin` and `take` set a part of it aside. */
export type Writer = ReturnType<typeof createWriter>;

export function createWriter() {
  const stack: string[][] = [[]];
  let written = 0;
  const raw = (xml: string) => {
    stack.at(-1)?.push(xml);
    written += 1;
  };
  return {
    raw,
    text: (text: string) => raw(escapeXml(text)),
    open: (name: string, attributes: Record<string, string>, names: readonly string[]) => {
      const given = names.filter((each) => attributes[each] !== undefined);
      raw(
        `<${name}${given.map((each) => ` ${each}="${escapeXml(attributes[each] ?? '')}"`).join('')}>`,
      );
    },
    begin: () => {
      stack.push([]);
    },
    take: () => stack.pop()?.join('') ?? '',
    /** How much has been written so far; grows with every piece. */
    written: () => written,
    end: () => stack.flat().join(''),
  };
}

/** The start of a run that names its record. */
export function openRun(index: number): string {
  return `<w:r><w:rPr><w:rFonts w:ascii="${index}"/></w:rPr>`;
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escapeXml(text: string): string {
  return /[&<>"]/.test(text) ? text.replace(/[&<>"]/g, (char) => escapes[char] ?? char) : text;
}
