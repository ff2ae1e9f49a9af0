import { colorToRgba } from '@nebula/contract/fields';
import { pinnedDate } from '../../documents/finish-pdf.ts';
import { pdfText } from '../../documents/pdf-file.ts';
import type { SharpPool } from '../../engines/sharp.ts';
import { embedPicture } from './embed-picture.ts';
import { pictureMatrix } from './matrix.ts';
import { createPdfWriter, type PdfWriter } from './pdf-writer.ts';
import type { PlannedPage, Rect } from './plan-pages.ts';
import type { ImagesJob } from './run.ts';

/** Writes the pages with their pictures, one picture after the other. */
export async function writeDocument(
  job: ImagesJob,
  sharp: SharpPool,
  pages: readonly PlannedPage[],
  { onPicture, path }: { path: string; onPicture: () => void },
): Promise<void> {
  const writer = await createPdfWriter(path);
  try {
    const [root, tree, info] = [writer.reserve(), writer.reserve(), writer.reserve()];
    const kids: number[] = [];
    for (const page of pages) kids.push(await writePage(job, writer, sharp, page, tree, onPicture));
    await writer.write(root, `<< /Type /Catalog /Pages ${tree} 0 R >>`);
    const list = kids.map((id) => `${id} 0 R`).join(' ');
    await writer.write(tree, `<< /Type /Pages /Kids [${list}] /Count ${kids.length} >>`);
    const name = pdfText('NebulaAPI');
    const dates = `/CreationDate ${pinnedDate} /ModDate ${pinnedDate}`;
    await writer.write(info, `<< /Creator ${name} /Producer ${name} ${dates} >>`);
    await writer.finish({ root, info });
  } finally {
    await writer.close();
  }
}

async function writePage(
  job: ImagesJob,
  writer: PdfWriter,
  sharp: SharpPool,
  { height, pictures, width }: PlannedPage,
  tree: number,
  onPicture: () => void,
): Promise<number> {
  const operators = [paint(job.options.background, width, height)];
  const objects: string[] = [];
  for (const [index, placed] of pictures.entries()) {
    job.signal.throwIfAborted();
    const { id, orientation } = await embedPicture(job, writer, sharp, placed);
    const matrix = pictureMatrix(orientation, placed.turns, placed.at).map(n).join(' ');
    const clip = placed.clip ? `${rectangle(placed.clip)} W n ` : '';
    operators.push(`q ${clip}${matrix} cm /P${index} Do Q`);
    objects.push(`/P${index} ${id} 0 R`);
    onPicture();
  }
  const content = Buffer.from(operators.filter(Boolean).join('\n'));
  const contents = writer.reserve();
  await writer.writeStream(contents, '', content.length, [content]);
  const page = writer.reserve();
  const resources = `/Resources << /XObject << ${objects.join(' ')} >> >>`;
  await writer.write(
    page,
    `<< /Type /Page /Parent ${tree} 0 R /MediaBox [0 0 ${n(width)} ${n(height)}] ${resources} /Contents ${contents} 0 R >>`,
  );
  return page;
}

/** Paper is white by itself. */
function paint(background: string, width: number, height: number): string {
  const [red, green, blue] = colorToRgba(background);
  if (red + green + blue === 3 * 255) return '';
  const channels = [red, green, blue].map((value) => n(value / 255)).join(' ');
  return `${channels} rg ${rectangle({ x: 0, y: 0, width, height })} f`;
}

const rectangle = ({ height, width, x, y }: Rect) => `${[x, y, width, height].map(n).join(' ')} re`;

/** A number as PDF takes it: at most four digits behind the point. */
function n(value: number): string {
  return String(Math.round(value * 10_000) / 10_000);
}
