import type { Tool } from '@nebula/contract/tool';
import type { SampleCall } from '../playground/code-samples.ts';

/** A call of a tool without its caller: plain data, so that no validator travels to the browser. */
export type ToolCall = Omit<SampleCall, 'apiKey' | 'origin'>;

/** The first call of a tool that works; what was really sent is not kept. Runs on the server. */
export function toolCall({ example, id, isLong, outputs, source }: Tool): ToolCall {
  const { html, ...options } = example;
  const fields = [source.field, ...(source.list ? [source.list.field] : [])];
  const files = fields.map((field) => ({ field, name: `${field}.${source.accepts[0]}` }));
  return {
    tool: id,
    isLong,
    files: html === undefined ? files : [],
    fields: html === undefined ? options : example,
    output: `output.${outputs.find((type) => type === options.format) ?? outputs[0]}`,
  };
}
