import type { Engines } from '../../engines/engines.ts';
import type { Forecast } from '../../jobs/job.ts';
import type { Frame } from './open-frames.ts';
import { effectiveOptions, type ImagesJob, planDocuments } from './run.ts';

const msPerMegabyte = 4;
const msPerDecodedMegapixel = 60;
const bytesPerPixel = { photo: 0.25, drawing: 0.8 } as const;

/** What goes in as it is costs its bytes; the rest costs its pixels. */
export async function estimateImgToPdf(job: ImagesJob, engines: Engines): Promise<Forecast> {
  const documents = await planDocuments(job, engines);
  const pages = documents.flat();
  const isAsIs = ({ asIs, isGray }: Frame) =>
    asIs !== undefined && (job.options.color_mode === 'color' || isGray);
  let bytes = 500;
  let run_ms = 10;
  for (const { frame } of pages.flatMap(({ pictures }) => pictures)) {
    const pixels = frame.width * frame.height;
    if (isAsIs(frame)) {
      bytes += frame.file.size + 400;
      run_ms += (frame.file.size / 1e6) * msPerMegabyte;
    } else {
      bytes += pixels * bytesPerPixel[frame.isPhoto ? 'photo' : 'drawing'];
      run_ms += (pixels / 1e6) * msPerDecodedMegapixel;
    }
  }
  return {
    pages: pages.length,
    outputs: documents.length,
    bytes,
    run_ms,
    optionsEffective: effectiveOptions(job.options),
  };
}
