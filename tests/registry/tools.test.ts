import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseInput } from '@nebula/contract/explain';
import { fileTypes } from '@nebula/contract/file-types';
import { arrivedFile, commonOptions, type Tool } from '@nebula/contract/tool';
import { tools } from '@nebula/contract/tools';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const root = join(import.meta.dirname, '../..');
const list: [string, Tool][] = Object.entries(tools);
const runners = readFileSync(join(root, 'media-service/src/tools/runners.ts'), 'utf8');

type Schema = { description?: string; properties?: Record<string, Schema>; items?: Schema };

test('the registry lists exactly the declarations that exist', () => {
  const files = readdirSync(join(root, 'contract/tools')).filter(
    (name) => !/test|^index/.test(name),
  );
  expect(list.map(([id]) => `${id}.ts`).sort()).toEqual(files.sort());
});

describe.each(list)('%s', (id, tool) => {
  const inline = Object.keys(tool.run.shape).filter((name) => isInlineSource(tool, name));
  const common = Object.keys(commonOptions);
  const options = Object.keys(tool.run.shape).filter(
    (name) => !inline.includes(name) && !common.includes(name),
  );

  test('has the id that it is registered under', () => {
    expect(tool.id).toBe(id);
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });

  test('has a runner in the media-service, and a line in its table', () => {
    expect(existsSync(join(root, `media-service/src/tools/${id}/run.ts`))).toBe(true);
    expect(runners).toContain(`'${id}': {`);
    expect(runners).toContain(`./${id}/run.ts`);
  });

  test('says what it is', () => {
    for (const text of [tool.title, tool.summary, tool.description])
      expect(text.trim()).not.toBe('');
    expect(tool.summary).toMatch(/^[A-Z].*\.$/);
    expect(tool.units).toBeGreaterThanOrEqual(1);
  });

  test('reads and writes types of the table', () => {
    expect(tool.source.accepts.length).toBeGreaterThan(0);
    expect(tool.outputs.length).toBeGreaterThan(0);
    for (const type of [...tool.source.accepts, ...tool.outputs])
      expect(fileTypes).toHaveProperty(type);
  });

  test('has a description on every field, at every depth', () => {
    const { properties = {} } = z.toJSONSchema(tool.run, { io: 'input' }) as Schema;
    expect(undescribed(properties)).toEqual([]);
  });

  test('needs no option: each has a default or is optional', () => {
    const required = options.filter(
      (name) => !z.safeParse(tool.run.shape[name] ?? z.never(), undefined).success,
    );
    expect(required).toEqual([]);
  });

  test('has every option in exactly one group, and no group names what is not there', () => {
    const grouped = tool.groups.flatMap(({ fields }) => fields);
    expect(grouped.toSorted()).toEqual(options.toSorted());
    for (const { title } of tool.groups) expect(title).toMatch(/^[A-Z]/);
    expect(tool.groups[0]?.advanced).toBeFalsy();
  });

  test('has an example that parses', () => {
    expect(() => parseInput(tool.run as z.ZodType<unknown>, tool.example)).not.toThrow();
    const [type] = tool.source.accepts;
    const file = type && arrivedFile({ path: '/x', filename: 'x', size: 1, type });
    const hasSource = inline.some((name) => name in tool.example);
    const uploaded = tool.source.maxFiles === 1 ? file : [file];
    const sent = { [tool.source.field]: uploaded, ...listOf(tool, file) };
    const whole = hasSource ? tool.example : { ...tool.example, ...sent };
    expect(() => parseInput(tool.input as z.ZodType<unknown>, whole)).not.toThrow();
  });

  test('takes no file that its caller has only described', () => {
    const file = { path: '/etc/passwd', filename: 'x', size: 1, type: tool.source.accepts[0] };
    for (const described of [file, [file], '/etc/passwd']) {
      const parsed = (tool.input as z.ZodType<unknown>).safeParse({
        [tool.source.field]: described,
      });
      const refused = parsed.error?.issues.map(({ path }) => path[0]);
      expect(refused).toContain(tool.source.field);
    }
  });

  test('refuses a field that it does not know', () => {
    const parsed = (tool.input as z.ZodType<unknown>).safeParse({
      ...tool.example,
      no_such_field: 1,
    });
    expect(parsed.success).toBe(false);
  });

  test('wants exactly one source', () => {
    const input = tool.input as z.ZodType<unknown>;
    const { html: _html, url: _url, data: _data, ...example } = tool.example;
    const bare = { ...example, ...listOf(tool, { url: 'https://example.com/' }) };
    const explain = (body: object) => JSON.stringify(input.safeParse(body).error?.issues ?? []);
    expect(explain(bare)).toContain('Expected exactly one of');
    expect(explain({ ...bare, url: 'https://example.com/', data: 'aGk=' })).toContain(
      'url and data',
    );
    expect(explain({ ...bare, url: 'https://example.com/' })).toBe('[]');
  });
});

/** The second list of a tool that has one, with one file in it. */
function listOf({ source: { list } }: Tool, file: unknown): Record<string, unknown> {
  return list ? { [list.field]: [file] } : {};
}

/** Sources that are text in the request itself stand beside the options in the runner's shape. */
function isInlineSource(tool: Tool, name: string): boolean {
  return ['html', 'url'].includes(name) && name in tool.run.shape;
}

function undescribed(properties: Record<string, Schema>, path = ''): string[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const inner = { ...schema.properties, ...schema.items?.properties };
    const own = schema.description ? [] : [path + name];
    return [...own, ...undescribed(inner, `${path}${name}.`)];
  });
}
