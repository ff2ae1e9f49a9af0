import type { commonOptions, Tool } from '@nebula/contract/tool';
import { z } from 'zod';
import { assertAddressAllowed } from '../../platform/egress.ts';

const tagSchema = z.string().min(1).max(100);

const maxPairs = 20;
const metadataValue = z.string().max(500);
const hasFewPairs = (pairs: object) => Object.keys(pairs).length <= maxPairs;
const tooManyPairs = `Expected at most ${maxPairs} pairs.`;

const metadataSchema = z
  .record(z.string().min(1).max(40), metadataValue)
  .refine(hasFewPairs, tooManyPairs);

/** What a caller may say of a job beside its work, wherever a job begins. */
export const namedFields = {
  tag: tagSchema.optional().describe('A name of your own, which the job carries.'),
  metadata: metadataSchema
    .optional()
    .describe(`Up to ${maxPairs} pairs of text that the job carries.`),
  expires_in: z
    .int()
    .min(60)
    .max(7 * 24 * 60 * 60)
    .optional()
    .describe(
      'Seconds after the end of the job at which its files are deleted, if that is sooner than the plan has it.',
    ),
  webhook_url: z
    .url({ protocol: /^https?$/ })
    .max(2048)
    .optional()
    .describe(
      'Public http or https address that is told of this job too: `job.created` and its end, signed with the secret of `POST /webhook-secret/rotate`.',
    ),
  keep_input: z
    .boolean()
    .optional()
    .describe(
      'Keep the inputs as long as the results; by default they are deleted after a success.',
    ),
};

/** Where a job sends its result beside keeping it. */
export const putUrl = z
  .url({ protocol: /^https?$/ })
  .max(4096)
  .optional()
  .describe(
    'Public address, such as a presigned one of your own bucket, that takes the result by PUT: one file as it is, several as a ZIP. A job whose result is not taken fails. Where the address has answered, with whatever status, it is charged as done and keeps its files as a success does; where no answer came, the call goes back. Steps that are done stay charged, and the files are kept, in either case.',
  );

const namedSchema = z.object(namedFields);

export type JobNames = z.infer<typeof namedSchema> & { put_url?: string };

/** The same as a row keeps it. */
export const toNamedRow = ({
  expires_in: keepSeconds,
  keep_input: keepInput,
  metadata,
  put_url: putUrl,
  tag,
  webhook_url: webhookUrl,
}: JobNames) => ({
  keepSeconds,
  keepInput,
  putUrl,
  webhookUrl,
  tag,
  metadata: metadata && JSON.stringify(metadata),
});

/** Refuses addresses of a job that are not public, before anything is done for it. */
export async function assertNamesAllowed({ put_url, webhook_url }: JobNames): Promise<void> {
  if (webhook_url !== undefined) await assertAddressAllowed(webhook_url, 'webhook_url');
  if (put_url !== undefined) await assertAddressAllowed(put_url, 'output.put_url');
}

/**
 * What a call of a tool may carry: its own input, and what the caller says of the job. A tool that
 * writes properties into a document takes these from `metadata`, and leaves its other pairs to the job.
 */
export function callInputOf<T extends Tool>({ input, run }: T): T['input'] {
  const whole = input as unknown as z.ZodObject;
  const properties = propertiesOf(run.shape);
  const metadata = properties
    ? properties
        .catchall(metadataValue)
        .refine(hasFewPairs, tooManyPairs)
        .optional()
        .describe(
          `Properties of the document by their names; others are pairs of text that the job carries, up to ${maxPairs} in all.`,
        )
    : namedFields.metadata;
  const { output } = whole.shape as { output: typeof commonOptions.output };
  const extended = output.unwrap().extend({ put_url: putUrl }).optional();
  const fields = { ...namedFields, metadata, output: extended.describe(output.description ?? '') };
  return whole.safeExtend(fields) as unknown as T['input'];
}

/** Takes a call apart: what the tool is to do, and what is said of the job. */
export function splitCall(
  { run }: Tool,
  call: Record<string, unknown>,
): { input: Record<string, unknown>; names: JobNames } {
  const {
    expires_in,
    keep_input,
    metadata = {},
    tag,
    webhook_url,
    ...ofTool
  } = call as JobNames & Record<string, unknown>;
  const { output: { put_url, ...output } = {}, ...rest } = ofTool as {
    output?: { put_url?: string };
  };
  const properties = propertiesOf(run.shape)?.shape ?? {};
  const isProperty = ([name]: [string, unknown]) => Object.hasOwn(properties, name);
  const pairs = Object.entries(metadata);
  const own = Object.fromEntries(pairs.filter(isProperty));
  const ofJob = Object.fromEntries(pairs.filter((pair) => !isProperty(pair)));
  const names = { expires_in, keep_input, put_url, tag, webhook_url };
  const isSaid = ([, value]: [string, unknown]) => value !== undefined;
  return {
    input: { ...rest, ...withoutEmpty({ output, metadata: own }) },
    names: {
      ...Object.fromEntries(Object.entries(names).filter(isSaid)),
      ...withoutEmpty({ metadata: ofJob }),
    },
  };
}

const withoutEmpty = (fields: Record<string, object>) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => Object.keys(value).length > 0));

function propertiesOf({ metadata }: z.ZodRawShape): z.ZodObject | undefined {
  if (!(metadata instanceof z.ZodOptional)) return undefined;
  const inner = metadata.unwrap();
  return inner instanceof z.ZodObject ? inner : undefined;
}
