import type { Metadata, Viewport } from 'next';
import { headers } from 'next/headers';
import type { ReactNode } from 'react';
import { ThemeProvider } from '#components/ui/theme.tsx';
import { Toaster } from '#components/ui/toast.tsx';
import './globals.css';

export const metadata: Metadata = {
  title: { default: 'NebulaAPI: convert files from your own code', template: '%s · NebulaAPI' },
  description:
    'HTML, Word and images to PDF, PDFs to images, smaller videos, images resized and compared: one API call, streamed, with clear errors.',
  openGraph: { type: 'website', siteName: 'NebulaAPI', locale: 'en' },
  twitter: { card: 'summary' },
};

export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#fbfbfd' },
    { media: '(prefers-color-scheme: dark)', color: '#0d0d12' },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  // Scripts run by the nonce of their answer, so no page is made before it is asked for.
  const sent = await headers();
  const nonce = sent.get('x-nebula-nonce') ?? undefined;
  return (
    <html
      lang="en"
      data-request-id={sent.get('x-request-id') ?? undefined}
      suppressHydrationWarning
    >
      <body>
        <ThemeProvider nonce={nonce}>
          {children}
          <Toaster />
        </ThemeProvider>
      </body>
    </html>
  );
}
