import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findChromium, findProgram, hasProgramOf } from './programs.mjs';

const path = process.env.PATH;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nebula-programs-'));
  process.env.PATH = folder;
});
afterEach(() => {
  process.env.PATH = path;
  rmSync(folder, { recursive: true });
});

/** A program on the path that ends like this. */
function put(name: string, status = 0): string {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\nexit ${status}\n`);
  chmodSync(file, 0o755);
  return file;
}

describe('without dpkg', () => {
  test('a package is there when its programs are', () => {
    expect(hasProgramOf('ffmpeg')).toBe(false);
    put('ffmpeg');
    expect(hasProgramOf('ffmpeg')).toBe(false);
    put('ffprobe');
    expect(hasProgramOf('ffmpeg')).toBe(true);
  });

  test('a java that only says where to get one is none', () => {
    put('java', 1);
    expect(hasProgramOf('default-jre-headless')).toBe(false);
    put('java');
    expect(hasProgramOf('default-jre-headless')).toBe(true);
  });

  test('a browser is found by any of its names', () => {
    const browser = put('chromium-browser');
    expect(findChromium()).toBe(browser);
  });

  test('what has no program is taken to be there', () => {
    expect(hasProgramOf('fonts-liberation')).toBe(true);
  });

  test('a name is never read as a command', () => {
    expect(findProgram('ls; echo gone')).toBeUndefined();
  });
});
