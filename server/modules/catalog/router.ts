import { AppError } from '@nebula/contract/errors';
import { toolIds, tools } from '@nebula/contract/tools';
import { z } from 'zod';
import { publicProcedure, router } from '../../trpc.ts';
import { toolListSchema, toolSchema, toPublicTool } from './schema.ts';

export const catalogRouter = router({
  listTools: publicProcedure
    .meta({
      access: 'public',
      openapi: {
        method: 'GET',
        path: '/tools',
        summary: 'List the tools',
        description: 'Every tool with the types that it reads and writes.',
        tags: ['Tools'],
        output: toolListSchema,
      },
    })
    .query(() => ({ data: toolIds.map((id) => toPublicTool(tools[id])) })),

  getTool: publicProcedure
    .meta({
      access: 'public',
      openapi: {
        method: 'GET',
        path: '/tools/{tool}',
        summary: 'Describe a tool',
        description: 'One tool, with the JSON Schema of its input.',
        tags: ['Tools'],
        output: toolSchema,
      },
    })
    .input(z.strictObject({ tool: z.string().max(64).describe('Id of the tool.') }))
    .query(({ input }) => {
      const id = toolIds.find((known) => known === input.tool);
      if (!id) throw new AppError('not_found', `There is no tool ${JSON.stringify(input.tool)}.`);
      return toPublicTool(tools[id]);
    }),
});
