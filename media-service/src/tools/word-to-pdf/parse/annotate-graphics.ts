import type { Annotations, ImageRecord } from './annotations.ts';
import type { FidelityReport } from './fidelity.ts';
import type { Writer } from './part-writer.ts';
import { twips } from './xml.ts';

/** A drawing that is being read; its pictures and texts follow when it ends. */
type Graphic = {
  element: string;
  images: ImageRecord[];
  boxes: string[];
  isFloating: boolean;
  isHidden: boolean;
  width?: number;
  height?: number;
  link?: string;
  align?: ImageRecord['align'];
  /** Inside the element that says where a floating picture stands. */
  isAligning: boolean;
  /** A shape that turned out to be the frame of a text is counted as a text box alone. */
  isShape: boolean;
};

const emuPerPoint = 12_700;

/**
 * Follows drawings. A picture becomes the smallest drawing that mammoth reads; the text of a text
 * box goes where mammoth finds it; the rest is counted.
 */
export function createGraphics(writer: Writer, annotations: Annotations, report: FidelityReport) {
  const stack: Graphic[] = [];

  const write = (graphic: Graphic) => {
    for (const image of graphic.isHidden ? [] : graphic.images) {
      const index = annotations.images.push(image) - 1;
      writer.raw(
        `<w:drawing><wp:inline><wp:docPr descr="${index}"/><a:graphic><a:graphicData><pic:pic><pic:blipFill><a:blip r:embed="rId0"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing>`,
      );
    }
    for (const box of graphic.boxes)
      writer.raw(`<w:pict><v:textbox><w:txbxContent>${box}</w:txbxContent></v:textbox></w:pict>`);
  };

  const addImage = (graphic: Graphic, image: Partial<ImageRecord>) => {
    const { align, height, isFloating, link, width } = graphic;
    graphic.images.push({ width, height, isFloating, align, link, ...image });
  };

  return {
    /** Pictures and texts that wait for the end of their drawing. */
    pending: () => stack.reduce((sum, { boxes, images }) => sum + boxes.length + images.length, 0),
    open: (name: string, attributes: Record<string, string>): boolean => {
      if (name === 'w:drawing' || name === 'w:pict' || name === 'w:object') {
        stack.push({
          element: name,
          images: [],
          boxes: [],
          isFloating: false,
          isHidden: false,
          isAligning: false,
          isShape: false,
        });
        if (name === 'w:object') report.add('embedded_object');
        return true;
      }
      const graphic = stack.at(-1);
      if (!graphic) return false;
      if (name === 'w:txbxContent') {
        report.add('text_box');
        if (graphic.isShape) report.add('shape', -1);
        graphic.isShape = false;
        writer.begin();
        return true;
      }
      return openInside(graphic, name, attributes);
    },
    close: (name: string): boolean => {
      const graphic = stack.at(-1);
      if (!graphic) return false;
      if (name === graphic.element) {
        stack.pop();
        write(graphic);
        return true;
      }
      if (name === 'w:txbxContent') {
        graphic.boxes.push(writer.take());
        return true;
      }
      if (name === 'wp:positionH') graphic.isAligning = false;
      if (name === 'wp:anchor')
        for (const image of graphic.images) {
          image.align = graphic.align;
          image.isFloating = graphic.isFloating;
          if (image.isFloating) report.add('floating_image');
        }
      return false;
    },
    text: (piece: string): boolean => {
      const graphic = stack.at(-1);
      if (!graphic?.isAligning) return false;
      const align = piece.trim();
      if (align === 'left' || align === 'center' || align === 'right') graphic.align = align;
      return true;
    },
  };

  function openInside(graphic: Graphic, name: string, attributes: Record<string, string>): boolean {
    switch (name) {
      case 'wp:anchor':
        graphic.isFloating = true;
        return true;
      case 'wp:wrapTopAndBottom':
        graphic.isFloating = false;
        return true;
      case 'wp:positionH':
        graphic.isAligning = true;
        return true;
      case 'wp:extent':
        graphic.width = emu(attributes.cx);
        graphic.height = emu(attributes.cy);
        return true;
      case 'wp:docPr':
        graphic.isHidden = attributes.hidden === '1' || attributes.hidden === 'true';
        return true;
      case 'a:hlinkClick':
        graphic.link ??= attributes['r:id'];
        return true;
      case 'a:blip':
        if (attributes['r:embed']) addImage(graphic, { embed: attributes['r:embed'] });
        else if (attributes['r:link']) report.add('external_image');
        return true;
      case 'a:srcRect': {
        const image = graphic.images.at(-1);
        if (image) image.crop = cropOf(attributes);
        return true;
      }
      case 'w:control':
        // Word keeps a control in an object, and it is counted as what it is.
        if (graphic.element === 'w:object') report.add('embedded_object', -1);
        report.add('control');
        return true;
      case 'v:shape':
      case 'v:rect': {
        const size = styleSize(attributes.style ?? '');
        graphic.width = size.width ?? graphic.width;
        graphic.height = size.height ?? graphic.height;
        return true;
      }
      case 'v:imagedata':
        // The picture of an embedded object is what the reader of the document saw of it.
        if (attributes['r:id']) addImage(graphic, { embed: attributes['r:id'] });
        else if (attributes['r:href']) report.add('external_image');
        return true;
      default: {
        if (name === 'wps:spPr') graphic.isShape = true;
        const feature = inside.get(name as never);
        if (feature) report.add(feature);
        return feature !== undefined;
      }
    }
  }
}

const inside = new Map([
  ['c:chart', 'chart'],
  ['cx:chart', 'chart'],
  ['dgm:relIds', 'smart_art'],
  ['wpg:wgp', 'group'],
  ['v:group', 'group'],
  ['wps:spPr', 'shape'],
  ['v:line', 'shape'],
  ['v:oval', 'shape'],
  ['v:textpath', 'word_art'],
  ['wpi:ink', 'ink'],
  ['a:videoFile', 'video'],
  ['wp15:webVideoPr', 'video'],
] as const);

function emu(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) / emuPerPoint : undefined;
}

function styleSize(style: string): { width?: number; height?: number } {
  const side = (name: string) =>
    twipsOf(new RegExp(`(?:^|;)\\s*${name}:\\s*([\\d.]+(?:pt|in|cm|mm|pc))`).exec(style)?.[1]);
  return { width: side('width'), height: side('height') };
}

function twipsOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : twips(text);
}

function cropOf(attributes: Record<string, string>): ImageRecord['crop'] {
  const part = (name: string) => {
    const value = Number(attributes[name] ?? 0) / 100_000;
    return Number.isFinite(value) ? Math.min(0.99, Math.max(0, value)) : 0;
  };
  const crop = { left: part('l'), top: part('t'), right: part('r'), bottom: part('b') };
  const isWhole = Object.values(crop).every((value) => value === 0);
  return isWhole || crop.left + crop.right >= 1 || crop.top + crop.bottom >= 1 ? undefined : crop;
}
