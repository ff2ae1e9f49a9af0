import puppeteer, { type Browser, type PDFOptions } from 'puppeteer';

/** What a product without an engine of its own would use: Debian's whole Chromium. */
const executablePath = '/usr/bin/chromium';

/** The tool's own defaults, so that every contestant makes the same document. */
const pdfOptions: PDFOptions = {
  format: 'A4',
  printBackground: true,
  margin: { top: '10mm', right: '10mm', bottom: '10mm', left: '10mm' },
};

export function launchChromium(): Promise<Browser> {
  const isRoot = process.getuid?.() === 0;
  return puppeteer.launch({ executablePath, args: isRoot ? ['--no-sandbox'] : [] });
}

/** The naive way: a browser is launched and closed for every request. */
export async function printWithLaunch(html: string): Promise<Uint8Array> {
  const browser = await launchChromium();
  try {
    return await printInNewTab(browser, html);
  } finally {
    await browser.close();
  }
}

/** A browser that stays, with a new tab for every request: how most services do it. */
export async function printInNewTab(browser: Browser, html: string): Promise<Uint8Array> {
  const page = await browser.newPage();
  try {
    await page.setContent(html, { waitUntil: 'load' });
    return await page.pdf(pdfOptions);
  } finally {
    await page.close();
  }
}

/** Process id of a browser, for its CPU time. */
export function browserIds(browser: Browser): number[] {
  const id = browser.process()?.pid;
  return id === undefined ? [] : [id];
}

/** Pages of a PDF as Chromium writes it, where page objects are never compressed. */
export function countPages(pdf: Uint8Array): number {
  return (
    Buffer.from(pdf)
      .toString('latin1')
      .match(/\/Type \/Page\b/g)?.length ?? 0
  );
}
