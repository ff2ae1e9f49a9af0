import type { ToolId } from '@nebula/contract/tools';
import type { Runner } from '../jobs/job.ts';
import { estimateHtmlToPdf } from './html-to-pdf/estimate.ts';
import { runHtmlToPdf } from './html-to-pdf/run.ts';
import { estimateImageMatch } from './image-match/estimate.ts';
import { runImageMatch } from './image-match/run.ts';
import { estimateImageResize } from './image-resize/estimate.ts';
import { runImageResize } from './image-resize/run.ts';
import { estimateImgToPdf } from './img-to-pdf/estimate.ts';
import { runImgToPdf } from './img-to-pdf/run.ts';
import { estimatePdfToImages } from './pdf-to-images/estimate.ts';
import { runPdfToImages } from './pdf-to-images/run.ts';
import { estimateVideoCompress } from './video-compress/estimate.ts';
import { runVideoCompress } from './video-compress/run.ts';
import { estimateWordToPdf } from './word-to-pdf/estimate.ts';
import { runWordToPdf } from './word-to-pdf/run.ts';

/** How each tool is run; a tool without a runner does not compile. */
export const runners: { [K in ToolId]: Runner<K> } = {
  'html-to-pdf': {
    engine: 'chromium',
    cpuTokens: 1,
    run: runHtmlToPdf,
    estimate: estimateHtmlToPdf,
  },
  'image-match': {
    engine: 'vision',
    cpuTokens: 1,
    run: runImageMatch,
    estimate: estimateImageMatch,
  },
  'image-resize': {
    engine: 'vision',
    cpuTokens: 1,
    run: runImageResize,
    estimate: estimateImageResize,
  },
  'img-to-pdf': {
    engine: 'sharp',
    cpuTokens: 1,
    run: runImgToPdf,
    estimate: estimateImgToPdf,
  },
  'pdf-to-images': {
    engine: 'ghostscript',
    cpuTokens: 2,
    run: runPdfToImages,
    estimate: estimatePdfToImages,
  },
  'video-compress': {
    engine: 'ffmpeg',
    cpuTokens: 2,
    run: runVideoCompress,
    estimate: estimateVideoCompress,
  },
  'word-to-pdf': {
    engine: 'word',
    cpuTokens: 1,
    run: runWordToPdf,
    estimate: estimateWordToPdf,
  },
};
