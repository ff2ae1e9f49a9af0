import { z } from 'zod';
import { adminProcedure, router } from '../../trpc.ts';
import {
  cannedIdInput,
  cannedListSchema,
  cannedSchema,
  createCannedInput,
  deletedCannedSchema,
  toPublicCanned,
  updateCannedInput,
} from './schema.ts';
import { createCanned, deleteCanned, listCanned, updateCanned } from './service.ts';

const access = 'admin';
const tags: [string] = ['Admin'];

/** Replies that operators keep ready. */
export const cannedReplyRouter = router({
  list: adminProcedure
    .meta({
      access,
      openapi: {
        method: 'GET',
        path: '/admin/canned-replies',
        summary: 'List the canned replies',
        description: 'By title.',
        tags,
        output: cannedListSchema,
      },
    })
    .input(z.strictObject({}))
    .query(async () => ({ data: (await listCanned()).map(toPublicCanned) })),

  create: adminProcedure
    .meta({
      access,
      openapi: {
        method: 'POST',
        path: '/admin/canned-replies',
        summary: 'Keep a reply ready',
        description: 'For all operators.',
        tags,
        output: cannedSchema,
        status: 201,
      },
    })
    .input(createCannedInput)
    .mutation(async ({ input }) => toPublicCanned(await createCanned(input))),

  update: adminProcedure
    .meta({
      access,
      owns: 'cannedReply',
      openapi: {
        method: 'PATCH',
        path: '/admin/canned-replies/{id}',
        summary: 'Change a canned reply',
        description: 'What was sent with it before stays as it was.',
        tags,
        output: cannedSchema,
      },
    })
    .input(updateCannedInput)
    .mutation(async ({ input: { id, ...change } }) =>
      toPublicCanned(await updateCanned(id, change)),
    ),

  delete: adminProcedure
    .meta({
      access,
      owns: 'cannedReply',
      openapi: {
        method: 'DELETE',
        path: '/admin/canned-replies/{id}',
        summary: 'Delete a canned reply',
        description: 'For all operators.',
        tags,
        output: deletedCannedSchema,
      },
    })
    .input(cannedIdInput)
    .mutation(async ({ input: { id } }) => {
      await deleteCanned(id);
      return { id, deleted: true as const };
    }),
});
