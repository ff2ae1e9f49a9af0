import { plainProgress } from '@nebula/contract/job';
import { describe, expect, test } from 'vitest';
import { describeProgress } from './describe-progress.ts';

describe('progress in words', () => {
  test('is the stage where nothing else is known', () => {
    expect(describeProgress(plainProgress(3, 'printing'))).toBe('printing');
  });

  test('of a video names pass, pictures, speed and what is left', () => {
    const known = { pass: 2, fps: 61.4, speed: 2.42, eta_seconds: 11.2 };
    const progress = { ...plainProgress(40, 'encoding'), ...known };
    expect(describeProgress(progress)).toBe('encoding, pass 2, 61 fps, 2.4x, 12 s left');
  });
});
