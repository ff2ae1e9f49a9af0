import { z } from 'zod';
import { type FileType, fileTypes } from './file-types.ts';

/** How a file has come into the store. */
export const fileSources = ['upload', 'url', 'direct'] as const;

export type FileSource = (typeof fileSources)[number];

/** What the store takes: everything that is known by its first bytes. */
export const storedTypes = (Object.keys(fileTypes) as FileType[]).filter((type) => type !== 'json');

/** Id of a stored file, in its one spelling. */
export const storedFileId = () =>
  z
    .string()
    .max(40)
    .regex(
      /^fil_[0-7][0-9A-HJKMNP-TV-Z]{25}$/,
      'Expected an id such as fil_01JD8Y3K5M7N9P1Q3R5S7T9V1W.',
    );

/** A file in the store, as the API shows it. */
export const storedFileSchema = z.object({
  id: z.string().describe('Id of the file; tools take it as `file_id`.'),
  object: z.literal('file').describe('Always `file`.'),
  filename: z.string().describe('The name that it came with, for display only.'),
  type: z.string().describe('Its type by content, e.g. `pdf`.'),
  mime: z.string().describe('Its media type by content.'),
  size: z.int().describe('Bytes.'),
  sha256: z.string().describe('SHA-256 of the content, in hex.'),
  source: z
    .enum(fileSources)
    .describe('How it came: `upload` in a request, `url` from an address, `direct` to the store.'),
  created_at: z.iso.datetime().describe('When it was sent or announced.'),
  expires_at: z.iso.datetime().describe('When it is removed.'),
});

export type PublicFile = z.infer<typeof storedFileSchema>;

/** An upload that goes straight to the store. Sizes are bytes. */
export const uploadSchema = z.object({
  id: z.string().describe('Id of the upload, and of the file that it becomes.'),
  object: z.literal('upload').describe('Always `upload`.'),
  filename: z.string().describe('The name that the file will have.'),
  size: z.int().describe('Bytes that have to come, exactly.'),
  method: z.literal('PUT').describe('The method for each address.'),
  url: z.string().nullable().describe('Where the whole file goes; null where it goes in parts.'),
  parts: z
    .array(
      z.object({
        part_number: z.int().describe('From 1, in the order of the file.'),
        offset: z.int().describe('Where the part begins in the file.'),
        size: z.int().describe('Bytes of the part, exactly.'),
        url: z.string().describe('Where the part goes.'),
      }),
    )
    .describe('The parts, where the file goes in parts; in any order, and several at once.'),
  expires_at: z.iso.datetime().describe('Until when the addresses work.'),
  complete_by: z.iso.datetime().describe('When an upload that is not completed is removed.'),
});

export type PublicUpload = z.infer<typeof uploadSchema>;
