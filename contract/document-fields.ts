import { z } from 'zod';

/** One line of text, such as the value of a header or a password. */
export const lineOfText = z
  .string()
  .max(4096)
  .regex(/^[^\r\n\0]*$/, 'Expected one line of text.');

/** Properties of a PDF that a caller may set. */
export const pdfMetadata = () =>
  z
    .strictObject({
      title: z.string().max(1000).optional().describe('Title.'),
      author: z.string().max(1000).optional().describe('Author.'),
      subject: z.string().max(1000).optional().describe('Subject.'),
      keywords: z.array(z.string().max(200)).max(50).optional().describe('Keywords.'),
    })
    .optional()
    .describe('Properties of the document.');

/** Passwords of a PDF, and what is allowed without that of the owner. */
export const pdfEncryption = () =>
  z
    .strictObject({
      user: lineOfText.max(127).default('').describe('Password to open; empty for none.'),
      owner: lineOfText.min(1).max(127).describe('Password that lifts the limits.'),
      allow: z
        .array(
          z.enum(['print', 'copy', 'modify', 'annotate', 'forms', 'assemble', 'accessibility']),
        )
        .default(['accessibility'])
        .describe('What is allowed without the owner password.'),
    })
    .optional()
    .describe('Encrypt with AES-256.');

/** Where page numbers may stand. */
export const pageNumberPlaces = () =>
  z
    .enum([
      'none',
      'top-left',
      'top-center',
      'top-right',
      'bottom-left',
      'bottom-center',
      'bottom-right',
    ])
    .default('none');
