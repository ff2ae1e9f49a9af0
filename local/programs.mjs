// Part of setup.mjs: runs on any Node from 20 on and without a single package.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** The path of the first of these commands, or files, that there is. */
export function findProgram(...candidates) {
  for (const name of candidates) {
    if (name.includes('/') && existsSync(name)) return name;
    const asked = spawnSync('/bin/sh', ['-c', 'command -v "$0"', name]);
    if (asked.status === 0) return asked.stdout.toString().trim();
  }
  return undefined;
}

export const findChromium = () =>
  findProgram(
    'chromium-headless-shell',
    'chromium',
    'chromium-browser',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  );

/** A Python that has OpenCV; the first of the path is often another one. */
export const findPython = () =>
  ['python3', '/opt/homebrew/bin/python3', '/usr/local/bin/python3', '/usr/bin/python3']
    .map((name) => findProgram(name))
    .find((path) => path && succeeds(path, '-c', 'import cv2'));

/** How to tell, by the name of its Debian package, that a program is there. */
const probes = {
  'chromium-headless-shell': findChromium,
  chromium: findChromium,
  'python3-opencv': findPython,
  ffmpeg: () => findProgram('ffmpeg') && findProgram('ffprobe'),
  ghostscript: () => findProgram('gs'),
  qpdf: () => findProgram('qpdf'),
  'redis-server': () => findProgram('redis-server'),
  // macOS has a `java` that only says where to get one.
  'default-jre-headless': () => succeeds('java', '-version'),
  'poppler-utils': () => findProgram('pdftotext'),
  openssl: () => findProgram('openssl'),
};

/** For systems without dpkg. What has no program, such as fonts, is taken to be there. */
export const hasProgramOf = (name) => !probes[name] || Boolean(probes[name]());

function succeeds(command, ...args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
