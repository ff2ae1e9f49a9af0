import type { Op } from '../layout/fragments.ts';
import type { PdfDocument, PdfReference } from './pdf-writer.ts';
import type { Pictures, PreparedPicture } from './pictures.ts';

/** Pictures of one PDF; one that is shown twice is stored once. */
export type PictureStore = {
  pictures: Pictures;
  stored: Map<string, { name: string; reference: PdfReference } | undefined>;
};

export async function drawPicture(
  pdf: PdfDocument,
  op: Op & { type: 'image' },
  { pictures, stored }: PictureStore,
): Promise<void> {
  const { height, picture, width, x, y } = op;
  if (width <= 0 || height <= 0) return;
  const key = `${picture.part} ${Math.round(width)} ${JSON.stringify(picture.crop ?? {})}`;
  if (!stored.has(key)) {
    const prepared = await pictures.prepare(picture, { width, height });
    const name = `Im${stored.size}`;
    stored.set(key, prepared && { name, reference: storePicture(pdf, prepared) });
  }
  const found = stored.get(key);
  if (!found) return;
  pdf.page.xobjects[found.name] = found.reference;
  const crop = picture.crop ?? { left: 0, top: 0, right: 0, bottom: 0 };
  const whole = {
    width: width / (1 - crop.left - crop.right),
    height: height / (1 - crop.top - crop.bottom),
  };
  const left = x - crop.left * whole.width;
  const bottom = y + height + crop.bottom * whole.height;
  const clip = picture.crop ? `${n(x)} ${n(y)} ${n(width)} ${n(height)} re W n ` : '';
  pdf.addContent(
    `q ${clip}${n(whole.width)} 0 0 ${n(-whole.height)} ${n(left)} ${n(bottom)} cm /${found.name} Do Q`,
  );
}

/** Writes a picture into a PDF, once. */
export function storePicture(pdf: PdfDocument, picture: PreparedPicture): PdfReference {
  const common = {
    Type: 'XObject',
    Subtype: 'Image',
    Width: picture.width,
    Height: picture.height,
  };
  if (picture.kind === 'jpeg')
    return finish(
      pdf,
      { ...common, BitsPerComponent: 8, ColorSpace: jpegSpace(picture.data), Filter: 'DCTDecode' },
      picture.data,
    );
  const { alpha, bits, colors, palette, predictor, width } = picture;
  const space = colors === 3 ? 'DeviceRGB' : 'DeviceGray';
  const mask =
    alpha &&
    finish(
      pdf,
      { ...common, BitsPerComponent: 8, ColorSpace: 'DeviceGray', Filter: 'FlateDecode' },
      alpha,
    );
  return finish(
    pdf,
    {
      ...common,
      BitsPerComponent: bits,
      ColorSpace: palette ? ['Indexed', 'DeviceRGB', palette.length / 3 - 1, palette] : space,
      Filter: 'FlateDecode',
      ...(predictor && {
        DecodeParms: { Predictor: 15, Colors: colors, BitsPerComponent: bits, Columns: width },
      }),
      ...(mask && { SMask: mask }),
    },
    picture.data,
  );
}

function finish(pdf: PdfDocument, data: Record<string, unknown>, bytes: Buffer): PdfReference {
  const reference = pdf.ref(data);
  reference.end(bytes);
  return reference;
}

/** Gray or three colours; others are encoded anew before they come here. */
function jpegSpace(data: Buffer): string {
  let at = 2;
  while (at + 9 < data.length) {
    const marker = data[at + 1] ?? 0;
    if (marker >= 0xc0 && marker <= 0xc2) return data[at + 9] === 1 ? 'DeviceGray' : 'DeviceRGB';
    at += marker === 0xff ? 1 : 2 + data.readUInt16BE(at + 2);
  }
  return 'DeviceRGB';
}

function n(value: number): string {
  return Number.isFinite(value) ? String(Math.round(value * 1000) / 1000) : '0';
}
