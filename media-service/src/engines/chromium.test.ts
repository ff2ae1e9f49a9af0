import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@nebula/contract/errors';
import type { Page } from 'puppeteer';
import { afterEach, describe, expect, it } from 'vitest';
import { readEnv } from '../env.ts';
import { createLogger } from '../logger.ts';
import { type Chromium, createChromium } from './chromium.ts';

const root = mkdtempSync(join(tmpdir(), 'nebula-chromium-'));
let chromium: Chromium | undefined;

afterEach(async () => {
  await chromium?.stop();
  rmSync(root, { recursive: true, force: true });
});

function create(variables: Record<string, string> = {}): Chromium {
  const env = {
    NODE_ENV: 'test' as const,
    MEDIA_TOKEN: 'a token for the tests',
    MEDIA_WORK_DIR: root,
  };
  chromium = createChromium(readEnv({ ...env, ...variables }), createLogger('silent'));
  return chromium;
}

const call = (accountId = 'a', mayReuse = true) => ({
  accountId,
  mayReuse,
  signal: new AbortController().signal,
});

/** Folders of browsers that exist now. */
const profiles = () => readdirSync(root).flatMap((owner) => readdirSync(join(root, owner)));

describe('pages', () => {
  it('go back to their own account alone, and not for ever', async () => {
    const engine = create({ MEDIA_SLOTS: '1' });
    await engine.start();
    const pageFor = (accountId: string) =>
      engine.withPage(call(accountId), async ({ page }) => page);
    const first = await pageFor('a');
    expect(await pageFor('a')).toBe(first);
    expect(await pageFor('b')).not.toBe(first);
    const pages = new Set<Page>();
    for (let use = 0; use < 20; use++) pages.add(await pageFor('c'));
    expect(pages.size).toBeGreaterThanOrEqual(3);
    expect(pages.size).toBeLessThan(8);
  });

  it('are used once where the job says so', async () => {
    const engine = create({ MEDIA_SLOTS: '1' });
    await engine.start();
    const pages = new Set<Page>();
    for (let use = 0; use < 3; use++)
      await engine.withPage(call('a', false), async ({ page }) => void pages.add(page));
    expect(pages.size).toBe(3);
  });

  it('a runner that gives up with an error of its own costs no browser', async () => {
    const engine = create({ MEDIA_SLOTS: '1' });
    await engine.start();
    const failing = engine.withPage(call(), async () => {
      throw new AppError('resource_failed', 'no');
    });
    await expect(failing).rejects.toMatchObject({ code: 'resource_failed' });
    expect(await engine.withPage(call(), async () => 'works')).toBe('works');
    expect(engine.health().restarts).toBe(0);
  });
});

describe('browsers', () => {
  it('have one job each in their life where isolation is by browser', async () => {
    const engine = create({ MEDIA_SLOTS: '1', CHROMIUM_ISOLATION: 'browser' });
    await engine.start();
    const seen = new Set<unknown>();
    for (let job = 0; job < 3; job++)
      await engine.withPage(call(), async ({ page }) => void seen.add(page.browser()));
    expect(seen.size).toBe(3);
  });

  it('an abort kills its browser at once, and the next job does not wait for a launch', async () => {
    const engine = create({ MEDIA_SLOTS: '1' });
    await engine.start();
    const controller = new AbortController();
    const reason = new AppError('tool_timeout', 'over');
    const endless = engine.withPage({ ...call(), signal: controller.signal }, async ({ page }) => {
      setTimeout(() => controller.abort(reason), 100);
      await page.evaluate('for (;;);');
    });
    await expect(endless).rejects.toBe(reason);
    expect(await engine.withPage(call(), async ({ page }) => page.evaluate('1 + 1'))).toBe(2);
    await expect.poll(() => engine.health().restarts).toBe(1);
  });

  it('leave neither processes nor folders behind when the engine stops, even at work', async () => {
    const engine = create({ MEDIA_SLOTS: '2' });
    await engine.start();
    expect(profiles()).toHaveLength(3);
    const working = engine.withPage(call(), ({ page }) => page.evaluate('new Promise(() => {})'));
    const refused = expect(working).rejects.toMatchObject({ code: 'unavailable' });
    await expect.poll(() => engine.health().busy).toBe(1);
    await engine.stop();
    await refused;
    expect(profiles()).toEqual([]);
    expect(engine.health().ready).toBe(false);
  });
});

describe('a browser that cannot be started', () => {
  it('fails the start, leaves nothing, and jobs are told when to come again', async () => {
    const engine = create({ CHROMIUM_PATH: '/bin/false' });
    await expect(engine.start()).rejects.toThrow('/bin/false did not start');
    expect(engine.health().ready).toBe(false);
    const refused = engine.withPage(call(), async () => 'never');
    await expect(refused).rejects.toMatchObject({
      code: 'unavailable',
      details: { retryAfterSeconds: expect.any(Number) },
    });
    expect(profiles()).toEqual([]);
  });

  it('that is not there at all fails the start too', async () => {
    const engine = create({ CHROMIUM_PATH: '/nowhere/chromium' });
    await expect(engine.start()).rejects.toThrow();
    expect(existsSync(root) ? profiles() : []).toEqual([]);
  });
});
