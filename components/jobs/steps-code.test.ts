import { expect, test } from 'vitest';
import { stepsCode } from './steps-code.ts';

const step = {
  status: 'succeeded' as const,
  units: 1,
  files: [],
  run_ms: 1,
  from: [],
  options_effective: {},
};
const calls = {
  'html-to-pdf': {
    tool: 'html-to-pdf',
    fields: { html: "<p>it's" },
    schemas: { page_size: { type: 'string', default: 'A4' } },
  },
  'image-resize': {
    tool: 'image-resize',
    files: [{ field: 'file', name: 'a.png' }],
    fields: {},
    schemas: {},
  },
};

/** What the second line of cURL sends, as the shell reads it. */
function sent(code = ''): unknown {
  const quoted = /--json '(.*)'$/s.exec(code)?.[1] ?? '';
  return JSON.parse(quoted.replaceAll(`'\\''`, "'"));
}

test('a job of steps is one call, with what each takes and its options that are no defaults', () => {
  const steps = [
    { ...step, id: 'pdf', tool: 'html-to-pdf', options_effective: { page_size: 'A5', seen: 1 } },
    { ...step, id: 'plain', tool: 'html-to-pdf', options_effective: { page_size: 'A4' } },
    { ...step, id: 'pages', tool: 'pdf-to-images', from: ['pdf'] },
    { ...step, id: 'all', tool: 'img-to-pdf', from: ['pages', 'plain'] },
    { ...step, id: 'own', tool: 'image-resize' },
  ];
  const [curl, typescript] = stepsCode(steps, { calls, origin: 'https://nebula.example' });
  expect(curl?.code).toContain('curl https://nebula.example/api/v1/jobs');
  expect(sent(curl?.code)).toEqual({
    steps: [
      {
        id: 'pdf',
        tool: 'html-to-pdf',
        input: { html: "<p>it's" },
        options: { page_size: 'A5' },
      },
      { id: 'plain', tool: 'html-to-pdf', input: { html: "<p>it's" } },
      { id: 'pages', tool: 'pdf-to-images', input: { step: 'pdf' } },
      { id: 'all', tool: 'img-to-pdf', input: { steps: ['pages', 'plain'] } },
      { id: 'own', tool: 'image-resize', input: { file_id: 'file_…' } },
    ],
  });
  expect(typescript?.code).toContain('"step": "pdf"');
});
