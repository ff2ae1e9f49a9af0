import { createChromium } from '../engines/chromium.ts';
import type { Engines } from '../engines/engines.ts';
import { createFfmpeg } from '../engines/ffmpeg.ts';
import { createGhostscript } from '../engines/ghostscript.ts';
import { createSharp } from '../engines/sharp.ts';
import { createVision } from '../engines/vision.ts';
import { createWord } from '../engines/word.ts';
import { readEnv } from '../env.ts';
import { createLogger } from '../logger.ts';

/** The real engines of the media-service, not started yet. */
export function createEngines(variables: Record<string, string> = {}): Engines {
  const env = readEnv({ NODE_ENV: 'test', MEDIA_TOKEN: 'a token for the tests', ...variables });
  const logger = createLogger('silent');
  return {
    chromium: createChromium(env, logger),
    vision: createVision(env, logger),
    sharp: createSharp(env, logger),
    word: createWord(env, logger),
    ffmpeg: createFfmpeg(env),
    ghostscript: createGhostscript(env),
  };
}
