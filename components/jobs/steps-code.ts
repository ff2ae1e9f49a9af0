import type { Job } from '@nebula/contract/job';
import { shell } from '../playground/code-samples.ts';
import { type FormSchema, withoutDefaults } from '../playground/form-schema.ts';
import type { ToolCall } from '../request-logs/tool-call.ts';

type Step = NonNullable<Job['steps']>[number];
type Call = ToolCall & { schemas: Record<string, FormSchema> };

/**
 * The call that would begin such a job of steps: their options where they are no defaults, and a
 * place for the input of those that take no other step's files.
 */
export function stepsCode(
  steps: Step[],
  { calls, origin }: { calls: Record<string, Call>; origin: string },
): { label: string; code: string }[] {
  const body = { steps: steps.map((step) => wishOf(step, calls[step.tool])) };
  const json = JSON.stringify(body, null, 2);
  const address = `${origin}/api/v1/jobs`;
  return [
    {
      label: 'cURL',
      code: [
        `curl ${shell(address)}`,
        '-H "Authorization: Bearer $NEBULA_KEY"',
        `--json ${shell(json)}`,
      ].join(' \\\n  '),
    },
    {
      label: 'TypeScript',
      code: [
        `const response = await fetch(${JSON.stringify(address)}, {`,
        "  method: 'POST',",
        '  headers: {',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the reader's own template.
        '    Authorization: `Bearer ${process.env.NEBULA_KEY}`,',
        "    'Content-Type': 'application/json',",
        '  },',
        `  body: JSON.stringify(${json.replaceAll('\n', '\n  ')}),`,
        '});',
        'if (!response.ok) throw new Error((await response.json()).detail);',
        'const job = await response.json();',
      ].join('\n'),
    },
  ];
}

function wishOf({ from, id, options_effective: used, tool }: Step, call?: Call) {
  const schemas = call?.schemas ?? {};
  const known = Object.entries(used).filter(([name]) => name in schemas);
  const options = withoutDefaults(Object.fromEntries(known), schemas);
  const own = Object.keys(options).length > 0 ? { options } : {};
  return { id, tool, input: inputOf(from, call), ...own };
}

function inputOf(from: string[], call?: Call): Record<string, unknown> {
  const [first] = from;
  if (first !== undefined) return from.length === 1 ? { step: first } : { steps: from };
  const [part] = call?.files ?? [];
  if (!part) return { html: call?.fields.html };
  return part.field === 'files' ? { file_ids: ['file_…'] } : { file_id: 'file_…' };
}
