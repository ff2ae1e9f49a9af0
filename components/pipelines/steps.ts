import type { FieldError } from '../playground/form-schema.ts';
import type { ToolForm } from '../playground/tool-form.ts';

/** A step as it is written; without `input` it takes what a run is given. */
export type Step = {
  /** For the page alone: it stays while id and place change. */
  key: number;
  id: string;
  tool: string;
  input?: Record<string, unknown>;
  options: Record<string, unknown>;
};

type SavedStep = Pick<Step, 'id' | 'tool' | 'input'> & { options?: Record<string, unknown> };

export const toSteps = (saved: SavedStep[]): Step[] =>
  saved.map((step, key) => ({ ...step, key, options: step.options ?? {} }));

/** The one earlier step whose files a step takes, if it takes those of one. */
export const sourceOf = ({ input }: Pick<Step, 'input'>): string | undefined =>
  typeof input?.step === 'string' ? input.step : undefined;

/** Puts a step at the end that takes what the last one makes, with the first tool that can. */
export function addStep(steps: Step[], tools: ToolForm[]): Step[] {
  const last = steps.at(-1);
  const made = tools.find(({ id }) => id === last?.tool)?.outputs ?? [];
  const tool = tools.find(({ accepts }) => made.some((type) => accepts.includes(type))) ?? tools[0];
  if (!tool) return steps;
  const key = Math.max(-1, ...steps.map((step) => step.key)) + 1;
  const id = freeId(tool.id, steps);
  const input = last && { step: last.id };
  return [...steps, { key, id, tool: tool.id, input, options: {} }];
}

function freeId(wanted: string, steps: Step[]): string {
  const isTaken = (id: string) => steps.some((step) => step.id === id);
  let count = 1;
  while (isTaken(count === 1 ? wanted : `${wanted}-${count}`)) count += 1;
  return count === 1 ? wanted : `${wanted}-${count}`;
}

/** Changes a step; where it gets another id, later steps follow it. */
export function changeStep(steps: Step[], at: number, change: Partial<Step>): Step[] {
  const before = steps[at]?.id;
  const { id } = change;
  return steps.map((step, index) => {
    if (index === at) return { ...step, ...change };
    return id !== undefined && sourceOf(step) === before ? { ...step, input: { step: id } } : step;
  });
}

/** Another tool has other options; an id that was only the name of the tool before goes with it. */
export function changeTool(steps: Step[], at: number, tool: string): Step[] {
  const others = steps.filter((_step, index) => index !== at);
  const step = steps[at];
  const isOwnName = step && !new RegExp(`^${step.tool}(-\\d+)?$`).test(step.id);
  const id = isOwnName ? step.id : freeId(tool, others);
  return changeStep(steps, at, { tool, id, options: {} });
}

/** Exchanges a step with the one before it (-1) or behind it (1). */
export function moveStep(steps: Step[], at: number, by: -1 | 1): Step[] {
  const [one, other] = [steps[at], steps[at + by]];
  if (!one || !other) return steps;
  return mended(steps.with(at, other).with(at + by, one));
}

export const removeStep = (steps: Step[], at: number): Step[] => mended(steps.toSpliced(at, 1));

/** A step whose source is no longer in front of it takes what the run is given. */
const mended = (steps: Step[]): Step[] =>
  steps.map((step, at) => {
    const source = sourceOf(step);
    const isThere = steps.slice(0, at).some(({ id }) => id === source);
    return source === undefined || isThere ? step : { ...step, input: undefined };
  });

/** The errors of one step's options, by the names that its form has. */
export function optionErrors(errors: FieldError[], at: number): FieldError[] {
  const root = `steps.${at}.options.`;
  return errors
    .filter(({ path }) => path.startsWith(root))
    .map(({ message, path }) => ({ message, path: path.slice(root.length) }));
}

/** What else is wrong with a step. */
export const otherErrors = (errors: FieldError[], at: number): FieldError[] =>
  errors.filter(
    ({ path }) => path.startsWith(`steps.${at}.`) && !path.startsWith(`steps.${at}.options.`),
  );
