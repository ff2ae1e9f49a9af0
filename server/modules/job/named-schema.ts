import type { Tool } from '@nebula/contract/tool';
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
};

const namedSchema = z.object(namedFields);

export type JobNames = z.infer<typeof namedSchema>;

/** The same as a row keeps it. */
export const toNamedRow = ({
  expires_in: keepSeconds,
  metadata,
  tag,
  webhook_url: webhookUrl,
}: JobNames) => ({
  keepSeconds,
  webhookUrl,
  tag,
  metadata: metadata && JSON.stringify(metadata),
});

/** Refuses an address of a job that is not public, before anything is done for it. */
export async function assertNamesAllowed({ webhook_url: url }: JobNames): Promise<void> {
  if (url !== undefined) await assertAddressAllowed(url, 'webhook_url');
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
  return whole.safeExtend({ ...namedFields, metadata }) as unknown as T['input'];
}

/** Takes a call apart: what the tool is to do, and what is said of the job. */
export function splitCall(
  { run }: Tool,
  call: Record<string, unknown>,
): { input: Record<string, unknown>; names: JobNames } {
  const {
    expires_in,
    metadata = {},
    tag,
    webhook_url,
    ...rest
  } = call as JobNames & Record<string, unknown>;
  const properties = propertiesOf(run.shape)?.shape ?? {};
  const isProperty = ([name]: [string, unknown]) => Object.hasOwn(properties, name);
  const pairs = Object.entries(metadata);
  const own = Object.fromEntries(pairs.filter(isProperty));
  const ofJob = Object.fromEntries(pairs.filter((pair) => !isProperty(pair)));
  const given = { expires_in, tag, webhook_url, metadata: isEmpty(ofJob) ? undefined : ofJob };
  return {
    input: isEmpty(own) ? rest : { ...rest, metadata: own },
    names: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
}

const isEmpty = (object: object) => Object.keys(object).length === 0;

function propertiesOf({ metadata }: z.ZodRawShape): z.ZodObject | undefined {
  if (!(metadata instanceof z.ZodOptional)) return undefined;
  const inner = metadata.unwrap();
  return inner instanceof z.ZodObject ? inner : undefined;
}
