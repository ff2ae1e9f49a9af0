import { AppError, type FieldError, isAppError } from '@nebula/contract/errors';
import { parseInput } from '@nebula/contract/explain';
import { type FileType, fileTypes } from '@nebula/contract/file-types';
import { arrivedFile, type Source, type Tool } from '@nebula/contract/tool';
import { type ToolId, tools } from '@nebula/contract/tools';
import type { StepWish } from './steps-schema.ts';

/** A step whose options are known to be good, and whose place in the job is. */
export type PlannedStep = {
  id: string;
  tool: Tool;
  /** The earlier steps whose outputs it takes, in order; empty where the caller gives the input. */
  from: string[];
  /** What the tool takes, without files of earlier steps. */
  input: Record<string, unknown>;
};

/**
 * Checks steps as far as that can be done without a file: each tool gets options that it takes, and
 * files that an earlier step can make.
 *
 * @param options `isOpen` where a step without an input will get one later
 *
 * @throws AppError `invalid_input` that names the field below `steps`
 */
export function planSteps(
  wishes: readonly StepWish[],
  { isOpen = false }: { isOpen?: boolean } = {},
): PlannedStep[] {
  const plan: PlannedStep[] = [];
  for (const [at, wish] of wishes.entries()) {
    if (plan.some(({ id }) => id === wish.id))
      throw wrong(`steps.${at}.id`, `Expected an id of its own; ${wish.id} is an earlier step.`);
    const { tool } = wish;
    const open = isOpen && wish.input === undefined;
    const given = open ? probesOf(tools[tool].source) : wish.input;
    plan.push(planStep(wishes, at, { ...wish, input: given }, plan));
  }
  return plan;
}

function planStep(
  wishes: readonly StepWish[],
  at: number,
  { id, input: given = {}, options = {}, tool: toolId }: StepWish,
  earlier: PlannedStep[],
): PlannedStep {
  const tool: Tool = tools[toolId as ToolId];
  const from = referencesOf(given, at);
  for (const name of from) {
    const step = earlier.find((each) => each.id === name);
    if (!step) throw wrongReference(wishes, at, name);
    assertFits(step, { id, tool }, at);
  }
  const { list } = tool.source;
  const source = from.length > 0 ? probesOf(tool.source) : given;
  const input = parse(tool, { given: source, options }, at);
  if (from.length > 0) {
    delete input[tool.source.field];
    if (list) delete input[list.field];
  }
  return { id, tool, from, input };
}

/** The steps that an input names; a reference stands alone. */
function referencesOf(given: Record<string, unknown>, at: number): string[] {
  const { step, steps, ...rest } = given;
  if (step === undefined && steps === undefined) return [];
  const names = step === undefined ? steps : [step];
  const isNamed =
    Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === 'string');
  if (!isNamed || (step !== undefined && steps !== undefined) || Object.keys(rest).length > 0)
    throw wrong(
      `steps.${at}.input`,
      'Expected either step with one id or steps with some, and no other field beside it.',
    );
  if (new Set(names).size < names.length)
    throw wrong(`steps.${at}.input.steps`, 'Expected each step once.');
  return names as string[];
}

function wrongReference(wishes: readonly StepWish[], at: number, name: string): AppError {
  const path = `steps.${at}.input`;
  const id = wishes[at]?.id ?? '';
  if (!wishes.some((wish) => wish.id === name))
    return wrong(path, `Expected the id of an earlier step; there is no step ${brief(name)}.`);
  if (name === id || reaches(wishes, name, id))
    return wrong(path, `The steps ${name} and ${id} wait for each other, so neither could begin.`);
  return wrong(path, `Expected an earlier step; ${name} comes after ${id}. Change their order.`);
}

const brief = (name: string) => JSON.stringify(name.slice(0, 40));

/** Whether one step takes, through however many others, what another makes. */
function reaches(wishes: readonly StepWish[], from: string, to: string): boolean {
  const seen = new Set<string>();
  const visit = (id: string): boolean => {
    if (id === to) return true;
    if (seen.has(id)) return false;
    seen.add(id);
    const { step, steps } = wishes.find((wish) => wish.id === id)?.input ?? {};
    return [step, ...(Array.isArray(steps) ? steps : [])].some(
      (name) => typeof name === 'string' && visit(name),
    );
  };
  return visit(from);
}

function assertFits(step: PlannedStep, next: { id: string; tool: Tool }, at: number): void {
  const made = typesOf(step);
  const { accepts } = next.tool.source;
  if (made.some((type) => accepts.includes(type))) return;
  const titles = (types: readonly FileType[]) =>
    types.map((type) => fileTypes[type].title).join(', ');
  const message = `Expected ${titles(accepts)} for ${next.tool.id}; step ${step.id} (${step.tool.id}) makes ${titles(made)}.`;
  throw wrong(`steps.${at}.input`, message);
}

/** What a step may make; where an option says which, that. */
function typesOf({ input, tool }: PlannedStep): readonly FileType[] {
  const chosen = tool.outputs.find((type) => type === input.format);
  return chosen ? [chosen] : tool.outputs;
}

/** Files in the place of those that an earlier step will have made. */
export function probesOf({ accepts, field, list, maxFiles }: Source): Record<string, unknown> {
  const [type = 'pdf'] = accepts;
  const probe = arrivedFile({ path: '', filename: '', size: 0, type });
  if (list) return { [field]: probe, [list.field]: [probe] };
  return { [field]: maxFiles === 1 ? probe : [probe] };
}

function parse(
  tool: Tool,
  { given, options }: { given: Record<string, unknown>; options: Record<string, unknown> },
  at: number,
): Record<string, unknown> {
  const { field, list } = tool.source;
  const sources = new Set([field, list?.field, 'url', 'data', 'file_id', 'file_ids']);
  const place = (path: string): string => {
    const [root = ''] = path.split('.');
    const isInput = !(root in options) && (root in given || sources.has(root));
    return `steps.${at}.${isInput ? 'input' : 'options'}.${path}`;
  };
  try {
    return { ...parseInput(tool.input, { ...options, ...given }) };
  } catch (error) {
    throw isAppError(error) ? moved(error, place) : error;
  }
}

/** An error of one tool's own input, with its fields where the caller has written them. */
export function moved(error: AppError, place: (path: string) => string): AppError {
  const { errors, param, ...details } = error.details;
  const move = (each: FieldError) => ({ ...each, path: place(each.path) });
  return new AppError(error.code, error.message, {
    ...details,
    param: param === undefined ? undefined : place(param),
    errors: errors?.map(move),
    cause: error,
  });
}

function wrong(path: string, message: string): AppError {
  return new AppError('invalid_input', message, { param: path, errors: [{ path, message }] });
}
