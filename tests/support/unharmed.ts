import { expect } from 'vitest';
import { openFilesBelow, spoolFolders, webPid } from './process.ts';
import { quotaLeft } from './quota.ts';
import { jpeg } from './samples.ts';
import { postForm, stack } from './stack.ts';

/**
 * Notes how things stand, and gives back what must hold after an attack: the same process, no file
 * of the request on disk or open, no call charged, and the next honest call works.
 */
export async function watchForHarm(account: {
  id: string;
  key: string;
}): Promise<() => Promise<void>> {
  const pid = webPid();
  const left = await quotaLeft(account.id);
  return async () => {
    const spool = stack.env.SPOOL_DIR ?? '';
    await expect.poll(spoolFolders, { timeout: 30_000 }).toEqual([]);
    await expect.poll(() => openFilesBelow(pid, spool), { timeout: 30_000 }).toEqual([]);
    await expect.poll(() => quotaLeft(account.id), { timeout: 30_000 }).toBe(left);
    const response = await postForm('image-resize', account.key, {
      file: new Blob([new Uint8Array(await jpeg())]),
      width: '8',
    });
    expect(response.status, await response.clone().text()).toBe(200);
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(100);
    expect(webPid()).toBe(pid);
  };
}
