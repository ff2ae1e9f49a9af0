import { estimateSchema } from '@nebula/contract/estimate';
import { jobSchema } from '@nebula/contract/job';
import { type ToolId, toolIds, tools } from '@nebula/contract/tools';
import { accountProcedure, meteredProcedure, router } from '../../trpc.ts';
import { callInputOf, runToolLater, splitCall } from '../job/service.ts';
import { estimateTool } from './estimate.ts';
import { runToolNow } from './service.ts';

const jobNote =
  'A call that says something of its job, such as `tag`, is one of `GET /jobs` too, whatever its answer.';

const longNote =
  'Without `Prefer` the answer is 202 with the job at once; `Prefer: wait=60` waits for the result up to 60 seconds. Every call is one of `GET /jobs`.';

/** One procedure for each declared tool; a tool needs no line here. */
export const toolRunRouter = router(
  Object.fromEntries(toolIds.map((id) => [id, toolProcedure(id)])) as {
    [K in ToolId]: ReturnType<typeof toolProcedure<K>>;
  },
);

/** What a run would cost and give, for each tool. */
export const toolEstimateRouter = router(
  Object.fromEntries(toolIds.map((id) => [id, estimateProcedure(id)])) as {
    [K in ToolId]: ReturnType<typeof estimateProcedure<K>>;
  },
);

function estimateProcedure<K extends ToolId>(id: K) {
  const tool = tools[id];
  return accountProcedure
    .meta({
      access: { scope: `tools:${id}` },
      openapi: {
        method: 'POST',
        path: `/tools/${id}/estimate`,
        summary: `Estimate: ${tool.title}`,
        description:
          'Looks at the input and the options, and says what a run would cost and give, without running. Not charged.',
        tags: ['Tools'],
        tool: id,
        output: estimateSchema,
      },
    })
    .input((tools as { [P in ToolId]: (typeof tools)[P] })[id].input)
    .mutation(({ ctx, input }) => estimateTool(ctx, id, input as Record<string, unknown>));
}

function toolProcedure<K extends ToolId>(id: K) {
  const tool = tools[id];
  return meteredProcedure
    .meta({
      access: { scope: `tools:${id}` },
      openapi: {
        method: 'POST',
        path: `/tools/${id}`,
        summary: tool.title,
        description: `${tool.description}\n\n${tool.isLong ? longNote : jobNote}`,
        tags: ['Tools'],
        tool: id,
        isRun: true,
        output: jobSchema,
      },
    })
    .input(callInputOf((tools as { [P in ToolId]: (typeof tools)[P] })[id]))
    .mutation(({ ctx, input: call }) => {
      const { input, names } = splitCall(tool, call as Record<string, unknown>);
      // What is said of a job needs one to say it of.
      const isJob = tool.isLong || ctx.prefersAsync || Object.keys(names).length > 0;
      return isJob ? runToolLater(ctx, id, input, names) : runToolNow(ctx, id, input);
    });
}
