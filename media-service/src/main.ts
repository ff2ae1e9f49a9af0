import { createChromium } from './engines/chromium.ts';
import type { Engines } from './engines/engines.ts';
import { createFfmpeg } from './engines/ffmpeg.ts';
import { createGhostscript } from './engines/ghostscript.ts';
import { createSharp } from './engines/sharp.ts';
import { createVision } from './engines/vision.ts';
import { createWord } from './engines/word.ts';
import { readEnv } from './env.ts';
import { runService } from './http/lifecycle.ts';
import { createMediaServer } from './http/media-server.ts';
import { createLogger } from './logger.ts';
import { runners } from './tools/runners.ts';

await runService(() => {
  const env = readEnv();
  const logger = createLogger(env.LOG_LEVEL);
  const engines: Engines = {
    chromium: createChromium(env, logger),
    vision: createVision(env, logger),
    sharp: createSharp(env, logger),
    word: createWord(env, logger),
    ffmpeg: createFfmpeg(env),
    ghostscript: createGhostscript(env),
  };
  return { server: createMediaServer({ env, engines, runners, logger }), logger };
});
