import { jsonSchemaOf } from '@nebula/contract/explain';
import type { z } from 'zod';

/** What a list says in its address of where it goes on. */
const startingAfter = 'starting_after';

/** The same, as procedures name it; it was the name in addresses too, and still works there. */
const cursor = 'cursor';

/** The field of a procedure that a query parameter sets. */
export function nameOfField(schema: z.ZodType, parameter: string): string {
  const isPaged = Object.hasOwn(jsonSchemaOf(schema).properties ?? {}, cursor);
  return isPaged && parameter === startingAfter ? cursor : parameter;
}

/** The query parameter that the document shows for a field. */
export const nameOfParameter = (field: string) => (field === cursor ? startingAfter : field);
