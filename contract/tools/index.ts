import type { Tool } from '../tool.ts';
import { htmlToPdf } from './html-to-pdf.ts';
import { imageMatch } from './image-match.ts';
import { imageResize } from './image-resize.ts';
import { imgToPdf } from './img-to-pdf.ts';
import { pdfToImages } from './pdf-to-images.ts';
import { videoCompress } from './video-compress.ts';
import { wordToPdf } from './word-to-pdf.ts';

/** The registry: the one list of tools. A tool that is not here does not exist. */
export const tools = {
  'html-to-pdf': htmlToPdf,
  'word-to-pdf': wordToPdf,
  'img-to-pdf': imgToPdf,
  'pdf-to-images': pdfToImages,
  'image-resize': imageResize,
  'video-compress': videoCompress,
  'image-match': imageMatch,
} as const satisfies Record<string, Tool>;

export type ToolId = keyof typeof tools;

export const toolIds = Object.keys(tools) as [ToolId, ...ToolId[]];
