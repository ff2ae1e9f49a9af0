/** A rectangle in pixels of the upright source. */
export type Region = { x: number; y: number; width: number; height: number };

/** What one output is made of: a part of the source, the size it gets, and the canvas around it. */
export type Geometry = {
  region: Region;
  /** Whether the region may be moved to what stands out. */
  isSmart: boolean;
  size: { width: number; height: number };
  /** Present when the scaled region lies on a larger canvas. */
  canvas?: { width: number; height: number; x: number; y: number };
  /** The asked size was larger than the image, and was not reached. */
  wasKeptSmall: boolean;
};

export type Wanted = {
  width?: number;
  height?: number;
  percent?: number;
  max_side?: number;
  mode: 'fit' | 'fill' | 'crop' | 'stretch' | 'pad';
  gravity: string;
  focus?: { x: number; y: number };
  enlarge: boolean;
};

type Size = { width: number; height: number };

/** Decides part, size and canvas of one output; no pixel is touched. */
export function planGeometry(source: Size, wanted: Wanted): Geometry {
  const target = targetSize(source, wanted);
  switch (wanted.mode) {
    case 'crop':
      return planCrop(source, wanted, target);
    case 'fill':
      return planFill(source, wanted, target);
    case 'stretch':
      return planStretch(source, wanted, target);
    default:
      return planFit(source, wanted, target);
  }
}

function targetSize(source: Size, { height, max_side, percent, width }: Wanted): Size {
  if (percent !== undefined) return scaleBy(source, percent / 100);
  if (max_side !== undefined)
    return scaleBy(source, max_side / Math.max(source.width, source.height));
  if (width === undefined && height === undefined) return source;
  return {
    width: width ?? Math.max(1, Math.round((source.width * (height ?? 1)) / source.height)),
    height: height ?? Math.max(1, Math.round((source.height * (width ?? 1)) / source.width)),
  };
}

function planFit(source: Size, wanted: Wanted, target: Size): Geometry {
  const asked = Math.min(target.width / source.width, target.height / source.height);
  const scale = wanted.enlarge ? asked : Math.min(1, asked);
  const exact = asked === scale && (wanted.width === undefined || wanted.height === undefined);
  const size = exact ? target : scaleBy(source, scale);
  const geometry = { region: whole(source), isSmart: false, size, wasKeptSmall: scale < asked };
  if (wanted.mode !== 'pad') return geometry;
  const [x, y] = place(target, size, wanted);
  return { ...geometry, canvas: { ...target, x, y } };
}

function planFill(source: Size, wanted: Wanted, target: Size): Geometry {
  const asked = Math.max(target.width / source.width, target.height / source.height);
  const scale = wanted.enlarge ? asked : Math.min(1, asked);
  const region = cut(
    source,
    { width: target.width / asked, height: target.height / asked },
    wanted,
  );
  const size = asked === scale ? target : { width: region.width, height: region.height };
  return { region, isSmart: isSmart(wanted), size, wasKeptSmall: scale < asked };
}

function planCrop(source: Size, wanted: Wanted, target: Size): Geometry {
  const region = cut(source, target, wanted);
  const wasKeptSmall = region.width < target.width || region.height < target.height;
  const size = { width: region.width, height: region.height };
  return { region, isSmart: isSmart(wanted), size, wasKeptSmall };
}

function planStretch(source: Size, { enlarge }: Wanted, target: Size): Geometry {
  const size = enlarge
    ? target
    : {
        width: Math.min(target.width, source.width),
        height: Math.min(target.height, source.height),
      };
  const wasKeptSmall = size.width < target.width || size.height < target.height;
  return { region: whole(source), isSmart: false, size, wasKeptSmall };
}

/** The largest rectangle of the wanted size that lies inside the source, placed by focus or gravity. */
function cut(source: Size, wantedSize: Size, { focus, gravity }: Wanted): Region {
  const width = clamp(Math.round(wantedSize.width), 1, source.width);
  const height = clamp(Math.round(wantedSize.height), 1, source.height);
  const room = { x: source.width - width, y: source.height - height };
  if (focus) {
    const x = clamp(Math.round(focus.x * source.width - width / 2), 0, room.x);
    const y = clamp(Math.round(focus.y * source.height - height / 2), 0, room.y);
    return { x, y, width, height };
  }
  const [alongX, alongY] = share(gravity);
  return { x: Math.round(room.x * alongX), y: Math.round(room.y * alongY), width, height };
}

function place(canvas: Size, size: Size, { gravity }: Wanted): [x: number, y: number] {
  const [alongX, alongY] = share(gravity);
  return [
    Math.round((canvas.width - size.width) * alongX),
    Math.round((canvas.height - size.height) * alongY),
  ];
}

/** How much of the free room lies left of and above the part that is kept. */
function share(gravity: string): [x: number, y: number] {
  const x = gravity.includes('west') ? 0 : gravity.includes('east') ? 1 : 0.5;
  const y = gravity.includes('north') ? 0 : gravity.includes('south') ? 1 : 0.5;
  return [x, y];
}

const isSmart = ({ focus, gravity }: Wanted) => gravity === 'smart' && !focus;
const whole = ({ height, width }: Size): Region => ({ x: 0, y: 0, width, height });
const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);

function scaleBy({ height, width }: Size, scale: number): Size {
  return {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
}
