import type { PublicEstimate } from '@nebula/contract/estimate';
import { describeInput } from '@nebula/contract/job';
import type { Tool } from '@nebula/contract/tool';
import { type ToolId, tools } from '@nebula/contract/tools';
import { runTool } from '../../platform/media-service.ts';
import { collectInput } from './collect-input.ts';
import { findRepeat, repeatKey } from './repeats.ts';
import { modeOf, type RunContext, requireSpool } from './run-context.ts';

/** Says what a run would cost and give. Nothing is run, charged or kept. */
export async function estimateTool(
  ctx: RunContext,
  toolId: ToolId,
  input: Record<string, unknown>,
): Promise<PublicEstimate> {
  const tool: Tool = tools[toolId];
  const { account } = ctx.actor;
  const spool = requireSpool(ctx);
  const collected = await collectInput(ctx, spool, tool, input);
  const { files, options, timeoutMs } = collected;
  const key = await repeatKey({ account, mode: modeOf(ctx) }, tool, collected);
  const kept = key === undefined ? undefined : await findRepeat(key, options);
  const { estimate, inputs, options_effective, warnings } = await runTool({
    tool: tool.id,
    requestId: ctx.requestId,
    accountId: account.id,
    options,
    mode: modeOf(ctx),
    isEstimate: true,
    files,
    timeoutMs,
    folder: await spool.folder(),
    signal: ctx.signal,
  });
  return {
    object: 'estimate',
    tool: tool.id,
    units: kept || modeOf(ctx) === 'test' ? 0 : tool.units,
    is_repeat: kept !== undefined,
    pages: estimate?.pages ?? null,
    outputs: estimate?.outputs ?? 0,
    predicted: {
      bytes: Math.round(estimate?.bytes ?? 0),
      run_ms: Math.round(estimate?.run_ms ?? 0),
    },
    input: describeInput(files, inputs),
    options_effective,
    warnings,
  };
}
