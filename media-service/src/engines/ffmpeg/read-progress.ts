/** One block of `-progress`. */
export type EncodeProgress = {
  frames: number;
  /** Pictures per second of work. */
  fps: number;
  /** Seconds of video per second of work. */
  speed: number;
  /** Second of the output that has been reached. */
  outSeconds: number;
  bytes: number;
};

const maxLineChars = 4096;

/**
 * Makes a reader of what `-progress` prints. It hands on each whole block, and tells whether the
 * work has come forward since the one before: a hanging ffmpeg may repeat itself for ever.
 */
export function createProgressReader(
  onBlock: (progress: EncodeProgress) => void,
): (chunk: Buffer) => boolean {
  let rest = '';
  let last = '';
  const block = new Map<string, string>();
  return (chunk) => {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = (lines.pop() ?? '').slice(-maxLineChars);
    let isForward = false;
    for (const line of lines) {
      const at = line.indexOf('=');
      const [key, value] = [line.slice(0, at), line.slice(at + 1).trim()];
      if (key !== 'progress') {
        if (block.size < 100) block.set(key, value.slice(0, 100));
        continue;
      }
      const progress = toProgress(block);
      block.clear();
      const now = `${progress.frames} ${progress.outSeconds} ${progress.bytes}`;
      isForward ||= now !== last;
      last = now;
      onBlock(progress);
    }
    return isForward;
  };
}

/** `out_time_ms` would be microseconds too; `out_time_us` says so. Unknown values are `N/A`. */
function toProgress(block: Map<string, string>): EncodeProgress {
  const number = (key: string) => {
    const value = Number.parseFloat(block.get(key) ?? '');
    return Number.isFinite(value) && value > 0 ? value : 0;
  };
  return {
    frames: number('frame'),
    fps: number('fps'),
    speed: number('speed'),
    outSeconds: number('out_time_us') / 1e6,
    bytes: number('total_size'),
  };
}
