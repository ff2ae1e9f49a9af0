import { toolIds, tools } from '@nebula/contract/tools';
import { describe, expect, it } from 'vitest';
import { type FormSchema, wireName, withoutDefaults } from './form-schema.ts';
import { toolForm } from './tool-form.ts';

const fields: Record<string, FormSchema> = {
  scale: { type: 'number', default: 1 },
  margin: { type: 'object', properties: { top: { default: '10mm' }, left: { default: '10mm' } } },
};

describe('withoutDefaults', () => {
  it('keeps only what differs, also inside an object', () => {
    const values = { scale: 1, margin: { top: '25mm', left: '10mm' } };
    expect(withoutDefaults(values, fields)).toEqual({ margin: { top: '25mm' } });
  });

  it('leaves out an object of which nothing differs', () => {
    expect(withoutDefaults({ margin: { top: '10mm' } }, fields)).toEqual({});
  });
});

describe('wireName', () => {
  it('turns the path of an error into the name of the form field', () => {
    expect(['scale', 'margin.top', 'a.b.c'].map(wireName)).toEqual([
      'scale',
      'margin[top]',
      'a[b][c]',
    ]);
  });
});

describe('toolForm', () => {
  it.each(toolIds)('%s is plain data, and every grouped name is a field of it', (id) => {
    const form = toolForm(tools[id]);
    expect(JSON.parse(JSON.stringify(form))).toEqual(form);
    for (const name of form.groups.flatMap((group) => group.fields))
      expect(form.fields).toHaveProperty([name]);
  });
});
