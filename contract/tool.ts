import { z } from 'zod';
import { type FileType, fileTypes } from './file-types.ts';
import { storedFileId } from './stored-file.ts';

/** Where the bytes of a tool come from. */
export type Source = {
  /** The field that carries an uploaded file: `file`, `files`, `source`. */
  field: string;
  /** The types that are accepted, decided by content. */
  accepts: readonly FileType[];
  /** The most files that one call may carry. */
  maxFiles: number;
  /**
   * What `url` means: `fetch` downloads the address and treats the bytes as an uploaded file,
   * `visit` hands the address to the tool.
   */
  url: 'fetch' | 'visit';
  /** A second list, for a tool that holds one file against others; it needs one file at least. */
  list?: { field: string; maxFiles: number };
};

/** A file that a JSON body names instead of carrying it as a part. */
export type FileReference = {
  url?: string;
  url_headers?: Record<string, string>;
  data?: string;
  file_id?: string;
  filename?: string;
};

/** A problem that only several fields together can have. */
export type Issue = { path: string; message: string };

/** One tool, declared once; `contract/tools/index.ts` is the list of them. */
export type Tool<
  Id extends string = string,
  Options extends z.ZodRawShape = z.ZodRawShape,
  Inline extends z.ZodRawShape = z.ZodRawShape,
> = {
  id: Id;
  title: string;
  /** One sentence, shown wherever the tool is listed. */
  summary: string;
  /** A few sentences of Markdown for the documentation. */
  description: string;
  category: 'converter' | 'feature';
  source: Source;
  /** The types that the tool can answer with, the default first. */
  outputs: readonly FileType[];
  /** Calls charged for one run. */
  units: number;
  /** Work of minutes: a call that says nothing of waiting is answered with its job at once. */
  isLong: boolean;
  /** Field names of `options` in the groups that a form shows, the common ones first. */
  groups: readonly { title: string; fields: readonly string[]; advanced?: boolean }[];
  /** What a runner gets beside files: sources given as text, and options. */
  run: z.ZodObject<RunShape<Options, Inline>, z.core.$strict>;
  /** The whole request: files, other sources and options. */
  input: z.ZodType<ToolInput<Options, Inline>>;
  /** A first call that works, for the documentation and the code samples. */
  example: Record<string, unknown>;
};

export type ToolInput<
  Options extends z.ZodRawShape = z.ZodRawShape,
  Inline extends z.ZodRawShape = z.ZodRawShape,
> = z.output<z.ZodObject<RunShape<Options, Inline>>> & SourceInput;

/** Flattened: zod infers nothing from an intersection of shapes. */
type RunShape<Options extends z.ZodRawShape, Inline extends z.ZodRawShape> = {
  [Name in keyof (Options & Inline & typeof commonOptions)]: (Options &
    Inline &
    typeof commonOptions)[Name];
};

/** The source fields that every tool understands beside its own. */
export type SourceInput = {
  files?: (InputFile | FileReference)[];
  url?: string;
  url_headers?: Record<string, string>;
  data?: string;
  file_id?: string;
  file_ids?: string[];
};

/** A file that has arrived and lies on disk. */
export type InputFile = {
  /** Absolute path of the spool file. */
  path: string;
  /** The caller's name for it, for display only. */
  filename: string;
  /** Bytes. */
  size: number;
  /** Of the content, in hex; known where the file has come in from outside. */
  sha256?: string;
  type: FileType;
};

const arrivedFiles = new WeakSet<object>();

/**
 * Vouches for a file that this process has put on disk itself. Only such files pass the schema of a
 * tool: what a caller writes in JSON or in fields is never a file, whatever path it names.
 */
export function arrivedFile(file: InputFile): InputFile {
  arrivedFiles.add(file);
  return file;
}

/** Tells a file that has arrived from one that is only named. */
export function isArrived(file: InputFile | FileReference): file is InputFile {
  return arrivedFiles.has(file);
}

/** The options of a tool, as its runner sees them. */
export type RunOptions<T extends Tool> = z.output<T['run']>;

/** Seconds that a run may take, where its tool names no other. */
const usualMaxTimeoutSeconds = 600;

const timeoutSeconds = (max: number) =>
  z
    .int()
    .min(5)
    .max(max)
    .default(120)
    .describe(
      `Time limit of the run in seconds. At its end the work is killed.${max > usualMaxTimeoutSeconds ? ` Over ${usualMaxTimeoutSeconds} on paid plans.` : ''}`,
    );

/** Options that every tool has. */
export const commonOptions = {
  output: z
    .strictObject({
      filename: z
        .string()
        .min(1)
        .max(255)
        .describe('Name of the output; may hold {name}, {page} and {index}. For display only.'),
    })
    .partial()
    .optional()
    .describe('How the output is named.'),
  cache: z
    .boolean()
    .default(true)
    .describe('Answer with the kept result of an equal earlier call, free of charge.'),
  strict: z.boolean().default(false).describe('Treat every warning as an error (422).'),
  timeout_seconds: timeoutSeconds(usualMaxTimeoutSeconds),
};

const maxInlineBytes = 1024 * 1024;

/**
 * Declares a tool. From the declaration come the procedure, the route, the document, the form, the
 * limits and the validation; see `docs/adding-a-tool.md`.
 *
 * @example
 * export const imageResize = defineTool({ id: 'image-resize', options: { width: … }, … });
 */
export function defineTool<
  const Id extends string,
  Options extends z.ZodRawShape,
  Inline extends z.ZodRawShape = Record<never, never>,
>(declaration: {
  id: Id;
  title: string;
  summary: string;
  description: string;
  category: 'converter' | 'feature';
  source: Source;
  /** Sources that are text in the request itself, e.g. `html`. */
  inline?: Inline;
  options: Options;
  /** Rules over several options; each issue names the field that the caller should change. */
  check?: (options: z.output<z.ZodObject<RunShape<NoInfer<Options>, NoInfer<Inline>>>>) => Issue[];
  outputs: readonly [FileType, ...FileType[]];
  units?: number;
  /** For work of minutes, which a caller does not wait for unless it says so. */
  isLong?: boolean;
  /** For work that takes longer than ten minutes; the plan of the caller may allow less. */
  maxTimeoutSeconds?: number;
  groups: readonly {
    title: string;
    fields: readonly (string & keyof Options)[];
    advanced?: boolean;
  }[];
  example: Record<string, unknown>;
}): Tool<Id, Options, Inline> {
  const { check, inline, isLong = false, options, source, units = 1, ...other } = declaration;
  const { maxTimeoutSeconds = usualMaxTimeoutSeconds, ...rest } = other;
  const common = { ...commonOptions, timeout_seconds: timeoutSeconds(maxTimeoutSeconds) };
  const runShape = { ...options, ...(inline ?? ({} as Inline)), ...common };
  const run = z.strictObject(runShape) as unknown as Tool<Id, Options, Inline>['run'];
  const sources = [source.field, ...Object.keys(inline ?? {}), 'url', 'data', ...idFields(source)];
  const input = z
    .strictObject({ ...runShape, ...sourceFields(source, inline) })
    .superRefine((value, context) => {
      const record = value as Record<string, unknown>;
      const given = [...new Set(sources)].filter((name) => record[name] !== undefined);
      if (given.length !== 1) context.addIssue(oneSourceIssue(sources, given, record));
      if (record.url_headers !== undefined && record.url === undefined)
        context.addIssue(custom({ path: 'url_headers', message: 'url_headers needs url.' }));
      for (const issue of check?.(record as never) ?? []) context.addIssue(custom(issue));
    });
  return { ...rest, isLong, source, units, run, input: input as never };
}

const address = () => z.url({ protocol: /^https?$/ }).max(2048);
const addressHeaders = () => z.record(z.string().max(64), z.string().max(4096));
const inlineBytes = () => z.base64().max(Math.ceil((maxInlineBytes * 4) / 3) + 4);

const fileReference = z
  .strictObject({
    url: address().optional().describe('Public http(s) address to read the file from.'),
    url_headers: addressHeaders().optional().describe('Headers to send to url.'),
    data: inlineBytes().optional().describe('The file itself in base64, up to 1 MB decoded.'),
    file_id: storedFileId().optional().describe('A stored file of the account.'),
    filename: z.string().max(255).optional().describe('Name of the file, for display only.'),
  })
  .refine(
    ({ data, file_id, url }) =>
      [data, file_id, url].filter((each) => each !== undefined).length === 1,
    { path: ['url'], error: 'Expected exactly one of url, data and file_id for each file.' },
  );

/** Where a list holds one file against others, each entry names its own. */
const idFields = ({ list, maxFiles }: Source) =>
  list ? [] : [maxFiles === 1 ? 'file_id' : 'file_ids'];

/** A part of a body, once it lies on disk. */
export const filePart = (accepts: readonly FileType[]) =>
  z
    .custom<InputFile>((value) => typeof value === 'object' && arrivedFiles.has(value as object), {
      error: 'Expected a file part of a multipart body.',
    })
    .meta({
      format: 'binary',
      description: `The file: ${accepts.map((type) => fileTypes[type].title).join(', ')}.`,
    });

function sourceFields(source: Source, inline: z.ZodRawShape | undefined): z.ZodRawShape {
  const accepted = source.accepts.map((type) => fileTypes[type].title).join(', ');
  const part = filePart(source.accepts);
  const isMany = source.maxFiles > 1 || source.list !== undefined;
  const file = isMany
    ? z.union([part, fileReference]).describe(`A part, an address or base64: ${accepted}.`)
    : part;
  const files = (max: number) =>
    z.array(file).min(1).max(max).describe(`Up to ${max} files, in order: ${accepted}.`);
  const fetched = {
    url: address().optional().describe('Public http(s) address to read the input from.'),
    url_headers: addressHeaders()
      .optional()
      .describe('Headers to send to url, from an allow-list of names.'),
  };
  return {
    [source.field]: (source.maxFiles === 1 ? file : files(source.maxFiles)).optional(),
    ...(source.list ? { [source.list.field]: files(source.list.maxFiles) } : {}),
    ...(source.url === 'fetch' && !inline?.url ? fetched : {}),
    data: inlineBytes().optional().describe('The file itself in base64, up to 1 MB decoded.'),
    ...Object.fromEntries(idFields(source).map((name) => [name, storedIds(name, source.maxFiles)])),
  };
}

const storedIds = (name: string, max: number) =>
  name === 'file_id'
    ? storedFileId().optional().describe('A stored file of the account, instead of an upload.')
    : z
        .array(storedFileId())
        .min(1)
        .max(max)
        .optional()
        .describe(`Up to ${max} stored files of the account, in order, instead of an upload.`);

function oneSourceIssue(sources: string[], given: string[], input: unknown) {
  const names = [...new Set(sources)];
  const came = given.length === 0 ? 'none' : given.join(' and ');
  return {
    code: 'custom' as const,
    path: [given[1] ?? names[0] ?? 'file'],
    message: `Expected exactly one of ${names.join(', ')}; received ${came}.`,
    input,
  };
}

function custom(issue: Issue) {
  return { code: 'custom' as const, path: issue.path.split('.'), message: issue.message };
}
