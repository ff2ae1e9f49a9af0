import { tools } from '@nebula/contract/tools';
import { expect, test } from 'vitest';
import { toolForm } from '../playground/tool-form.ts';
import { addStep, changeStep, changeTool, moveStep, optionErrors, removeStep } from './steps.ts';

const forms = Object.values(tools).map(toolForm);
const three = () => addStep(addStep(addStep([], forms), forms), forms);
const shape = (steps: ReturnType<typeof three>) => steps.map(({ id, input }) => [id, input?.step]);

test('a new step takes what the one before makes, with a tool that can and an id of its own', () => {
  const steps = three();
  expect(new Set(steps.map(({ id }) => id)).size).toBe(3);
  expect(steps[0]?.input).toBeUndefined();
  for (const [at, step] of steps.entries()) {
    if (at === 0) continue;
    const made = forms.find(({ id }) => id === steps[at - 1]?.tool)?.outputs ?? [];
    const accepts = forms.find(({ id }) => id === step.tool)?.accepts ?? [];
    expect(made.some((type) => accepts.includes(type))).toBe(true);
    expect(step.input).toEqual({ step: steps[at - 1]?.id });
  }
});

test('a step that gets another id is followed by those that take its files', () => {
  const steps = changeStep(three(), 0, { id: 'first' });
  expect(shape(steps)[1]?.[1]).toBe('first');
});

test('another tool gives another id, unless the id was chosen, and drops the options', () => {
  const steps = changeStep(three(), 1, { options: { dpi: 40 } });
  const changed = changeTool(steps, 1, 'image-resize');
  expect(changed[1]).toMatchObject({ id: 'image-resize', options: {} });
  expect(shape(changed)[2]?.[1]).toBe('image-resize');
  const named = changeTool(changeStep(steps, 1, { id: 'mine' }), 1, 'image-resize');
  expect(named[1]?.id).toBe('mine');
});

test('a step never waits for one that is behind it or gone', () => {
  const [first, second] = three();
  const moved = moveStep(three(), 1, -1);
  expect(shape(moved).slice(0, 2)).toEqual([
    [second?.id, undefined],
    [first?.id, undefined],
  ]);
  expect(shape(moved)[2]?.[1]).toBe(second?.id);
  expect(shape(removeStep(three(), 1)).map(([, from]) => from)).toEqual([undefined, undefined]);
  expect(moveStep(three(), 0, -1)).toEqual(three());
});

test('an error of an option is told by the name that the form has', () => {
  const errors = [{ path: 'steps.1.options.margin.top', message: 'no' }];
  expect(optionErrors(errors, 1)).toEqual([{ path: 'margin.top', message: 'no' }]);
  expect(optionErrors(errors, 0)).toEqual([]);
});
