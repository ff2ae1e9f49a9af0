import { jobSchema } from '@nebula/contract/job';
import { type ToolId, toolIds, tools } from '@nebula/contract/tools';
import { meteredProcedure, router } from '../../trpc.ts';
import { runToolNow } from './service.ts';

/** One procedure for each declared tool; a tool needs no line here. */
export const toolRunRouter = router(
  Object.fromEntries(toolIds.map((id) => [id, toolProcedure(id)])) as {
    [K in ToolId]: ReturnType<typeof toolProcedure<K>>;
  },
);

function toolProcedure<K extends ToolId>(id: K) {
  const tool = tools[id];
  return meteredProcedure
    .meta({
      access: { scope: `tools:${id}` },
      openapi: {
        method: 'POST',
        path: `/tools/${id}`,
        summary: tool.title,
        description: tool.description,
        tags: ['Tools'],
        tool: id,
        output: jobSchema,
      },
    })
    .input((tools as { [P in ToolId]: (typeof tools)[P] })[id].input)
    .mutation(({ ctx, input }) => runToolNow(ctx, id, input as Record<string, unknown>));
}
