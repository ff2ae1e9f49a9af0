import { flushCompileCache } from 'node:module';

/** Loads what every document needs, before there is one. */
export async function warmUp(): Promise<void> {
  await Promise.all([import('mammoth'), import('pdfkit'), import('yauzl')]);
  // The process is killed when it has served, so it would never write down what it compiled.
  flushCompileCache();
}
