import { jsonSchemaOf } from '@nebula/contract/explain';
import { fileTypes } from '@nebula/contract/file-types';
import type { Tool } from '@nebula/contract/tool';
import { z } from 'zod';

export const toolSchema = z.object({
  id: z.string(),
  object: z.literal('tool'),
  title: z.string(),
  summary: z.string(),
  category: z.enum(['converter', 'feature']),
  units: z.int().describe('Calls charged for one run.'),
  accepts: z.array(z.string()).describe('Media types of the input files.'),
  produces: z.array(z.string()).describe('Media types of the output, the default first.'),
  input_schema: z.record(z.string(), z.unknown()).describe('JSON Schema of the input.'),
});

export const toolListSchema = z.object({ data: z.array(toolSchema) });

export function toPublicTool(tool: Tool): z.infer<typeof toolSchema> {
  return {
    id: tool.id,
    object: 'tool',
    title: tool.title,
    summary: tool.summary,
    category: tool.category,
    units: tool.units,
    accepts: tool.source.accepts.map((type) => fileTypes[type].mime),
    produces: tool.outputs.map((type) => fileTypes[type].mime),
    input_schema: jsonSchemaOf(tool.input) as Record<string, unknown>,
  };
}
