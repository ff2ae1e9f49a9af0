import type { Chromium } from './chromium.ts';
import type { Ffmpeg } from './ffmpeg.ts';
import type { Ghostscript } from './ghostscript.ts';
import type { SharpPool } from './sharp.ts';
import type { VisionPool } from './vision.ts';
import type { WordPool } from './word.ts';

/** Every engine of this process; each is started, watched and stopped by `main.ts`. */
export type Engines = {
  chromium: Chromium;
  vision: VisionPool;
  sharp: SharpPool;
  word: WordPool;
  ffmpeg: Ffmpeg;
  ghostscript: Ghostscript;
};

/** The engines that have a queue of their own. */
export type EngineName = keyof Engines;

/** What every engine can say and do. */
export type Engine = {
  /** Resolves when the first job would run at once. */
  start: () => Promise<void>;
  /** Kills everything that it started. */
  stop: () => Promise<void>;
  health: () => EngineHealth;
};

export type EngineHealth = {
  ready: boolean;
  version: string;
  /** Jobs that it can run at once. */
  slots: number;
  busy: number;
  /** Processes replaced since the start, by reason. */
  restarts: number;
};
