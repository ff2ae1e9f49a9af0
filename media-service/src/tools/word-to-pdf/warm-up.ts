/** Loads what every document needs, before there is one. */
export async function warmUp(): Promise<void> {
  await Promise.all([import('mammoth'), import('pdfkit'), import('yauzl')]);
}
