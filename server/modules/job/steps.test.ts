import { isAppError } from '@nebula/contract/errors';
import { describe, expect, test } from 'vitest';
import { planSteps } from './steps.ts';
import type { StepWish } from './steps-schema.ts';

const print: StepWish = { id: 'pdf', tool: 'html-to-pdf', input: { html: '<p>x' } };
const images = (input: Record<string, unknown>, options = {}): StepWish => ({
  id: 'images',
  tool: 'pdf-to-images',
  input,
  options,
});

function refusal(...steps: StepWish[]) {
  try {
    planSteps(steps);
  } catch (error) {
    if (isAppError(error)) return { param: error.details.param, message: error.message };
    throw error;
  }
  return undefined;
}

describe('steps', () => {
  test('take the files of earlier ones, with the options of a direct call', () => {
    const plan = planSteps([print, images({ step: 'pdf' }, { format: 'jpg', dpi: 72 })]);
    expect(plan.map(({ from, id }) => [id, from])).toEqual([
      ['pdf', []],
      ['images', ['pdf']],
    ]);
    expect(plan[1]?.input).toMatchObject({ format: 'jpg', dpi: 72, timeout_seconds: 120 });
    expect(plan[1]?.input).not.toHaveProperty('file');
  });

  test('may take the files of several', () => {
    const resize = (id: string, width: number): StepWish => ({
      id,
      tool: 'image-resize',
      input: { step: 'images' },
      options: { width, format: 'png' },
    });
    const join: StepWish = { id: 'all', tool: 'img-to-pdf', input: { steps: ['b', 'a'] } };
    const plan = planSteps([
      print,
      images({ step: 'pdf' }),
      resize('a', 10),
      resize('b', 20),
      join,
    ]);
    expect(plan.at(-1)?.from).toEqual(['b', 'a']);
  });

  test.each([
    ['a step that is not there', [images({ step: 'nothing' })], 'there is no step "nothing"'],
    ['itself', [images({ step: 'images' })], 'wait for each other'],
    ['a later one', [images({ step: 'pdf' }), print], 'pdf comes after images'],
    [
      'one that takes it in turn',
      [images({ step: 'b' }), { id: 'b', tool: 'img-to-pdf', input: { step: 'images' } }],
      'wait for each other',
    ],
  ] as [string, StepWish[], string][])('that name %s are refused', (_what, steps, message) => {
    const refused = refusal(...steps);
    expect(refused?.param).toBe('steps.0.input');
    expect(refused?.message).toContain(message);
  });

  test('of which one makes what the next does not take are refused', () => {
    const resize: StepWish = {
      id: 'small',
      tool: 'image-resize',
      input: { step: 'pdf' },
      options: { width: 9 },
    };
    expect(refusal(print, resize)).toMatchObject({
      param: 'steps.1.input',
      message: expect.stringContaining('step pdf (html-to-pdf) makes PDF'),
    });
    const pages = images({ step: 'pdf' }, { format: 'tiff' });
    const match: StepWish = { id: 'video', tool: 'video-compress', input: { step: 'images' } };
    expect(refusal(print, pages, match)?.message).toContain('makes TIFF');
  });

  test('with an option that the tool has not name it by its place', () => {
    expect(refusal(print, images({ step: 'pdf' }, { dpi: 1 }))?.param).toBe('steps.1.options.dpi');
    expect(refusal({ ...print, input: { html: 5 } })?.param).toBe('steps.0.input.html');
    expect(refusal({ ...print, input: {} })?.param).toMatch(/^steps\.0\.input\./);
  });

  test('of one name are refused', () => {
    expect(refusal(print, print)?.param).toBe('steps.1.id');
  });

  test('that name a step beside a file of their own are refused', () => {
    expect(refusal(print, images({ step: 'pdf', url: 'https://a.example' }))?.param).toBe(
      'steps.1.input',
    );
    expect(refusal(print, images({ steps: ['pdf', 'pdf'] }))?.param).toBe('steps.1.input.steps');
  });
});
