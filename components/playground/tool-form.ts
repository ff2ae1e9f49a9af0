import { jsonSchemaOf } from '@nebula/contract/explain';
import type { FileType } from '@nebula/contract/file-types';
import { commonOptions, type Tool } from '@nebula/contract/tool';
import type { FormSchema } from './form-schema.ts';

/** A tool as the playground draws it: plain data, so that no validator travels to the browser. */
export type ToolForm = {
  id: string;
  title: string;
  summary: string;
  /** Name of the file part. */
  fileField: string;
  maxFiles: number;
  /** The second list of a tool that holds one file against others. */
  list?: { field: string; maxFiles: number };
  accepts: readonly FileType[];
  outputs: readonly FileType[];
  /** Answered with a job, unless the call says that it waits. */
  isLong: boolean;
  groups: Tool['groups'];
  fields: Record<string, FormSchema>;
};

/** Every field of a tool's input by name. */
export function fieldsOf(tool: Tool): Record<string, FormSchema> {
  return (jsonSchemaOf(tool.input) as FormSchema).properties ?? {};
}

/** What the playground needs to know of a tool; runs on the server. */
export function toolForm(tool: Tool): ToolForm {
  const { groups, id, isLong, outputs, source, summary, title } = tool;
  const common = { title: 'Every tool', fields: Object.keys(commonOptions) };
  return {
    id,
    title,
    summary,
    fileField: source.field,
    maxFiles: source.maxFiles,
    list: source.list,
    accepts: source.accepts,
    outputs,
    isLong,
    groups: [...groups, { ...common, advanced: true }],
    fields: fieldsOf(tool),
  };
}
