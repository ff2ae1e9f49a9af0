import type { Page } from 'puppeteer';
import type { PdfOptions } from './run.ts';

/** Sets media type and colour scheme in one message: each forgets what the one before has set. */
export async function emulateMedia(
  page: Page,
  { color_scheme: value, media }: Pick<PdfOptions, 'color_scheme' | 'media'>,
): Promise<void> {
  const session = await page.createCDPSession();
  const features = [{ name: 'prefers-color-scheme', value }];
  await session.send('Emulation.setEmulatedMedia', { media, features });
}
