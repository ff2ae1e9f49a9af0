import { AppError } from '@nebula/contract/errors';
import { storedFileSchema, uploadSchema } from '@nebula/contract/stored-file';
import { toPage } from '../../platform/page.ts';
import { accountProcedure, router } from '../../trpc.ts';
import {
  createFileInput,
  createUploadInput,
  deletedFileSchema,
  fileContentSchema,
  fileIdInput,
  fileListSchema,
  inspectedFileSchema,
  listFilesInput,
  storeSource,
  toPublicFile,
  uploadIdInput,
} from './schema.ts';
import {
  beginUpload,
  completeUpload,
  contentOf,
  createFile,
  deleteFile,
  findFile,
  inspectFile,
  listFiles,
} from './service.ts';

const read = { scope: 'files:read' };
const write = { scope: 'files:write' };
const owns = 'file';
const tags: [string] = ['Files'];

export const fileRouter = router({
  create: accountProcedure
    .meta({
      access: write,
      openapi: {
        method: 'POST',
        path: '/files',
        summary: 'Store a file',
        description:
          'Stores a file for later calls, from the body or from a public address. Its content decides the type. It is removed when the time of the plan is over.',
        tags,
        source: storeSource,
        output: storedFileSchema,
        status: 201,
      },
    })
    .input(createFileInput)
    .mutation(async ({ ctx, input }) => {
      const { actor, signal, spool } = ctx;
      if (!spool) throw new AppError('method_not_allowed', 'Files are sent to POST /api/v1/files.');
      const row = await createFile(actor.account, input, { spool, signal });
      ctx.replyHeaders.set('location', `/api/v1/files/${row.id}`);
      return toPublicFile(row);
    }),

  list: accountProcedure
    .meta({
      access: read,
      openapi: {
        method: 'GET',
        path: '/files',
        summary: 'List the files',
        description: 'The stored files of the account, the newest first.',
        tags,
        output: fileListSchema,
      },
    })
    .input(listFilesInput)
    .query(async ({ ctx, input }) => {
      const { nextCursor, rows } = await listFiles(ctx.actor.account.id, input);
      const data = rows.map(toPublicFile);
      return toPage(data, nextCursor);
    }),

  get: accountProcedure
    .meta({
      access: read,
      owns,
      openapi: {
        method: 'GET',
        path: '/files/{id}',
        summary: 'Get a file',
        description: 'What is known of a stored file. One whose time is over is 410.',
        tags,
        output: storedFileSchema,
      },
    })
    .input(fileIdInput)
    .query(async ({ ctx, input: { id } }) =>
      toPublicFile(await findFile({ accountId: ctx.actor.account.id, id })),
    ),

  content: accountProcedure
    .meta({
      access: read,
      owns,
      openapi: {
        method: 'GET',
        path: '/files/{id}/content',
        summary: 'Download a file',
        description:
          'Sends on to an address of the bytes that works for 15 minutes and saves them under the name of the file.',
        tags,
        output: fileContentSchema,
        status: 302,
        redirects: true,
      },
    })
    .input(fileIdInput)
    .query(({ ctx, input: { id } }) => contentOf({ accountId: ctx.actor.account.id, id })),

  inspect: accountProcedure
    .meta({
      access: write,
      owns,
      openapi: {
        method: 'POST',
        path: '/files/{id}/inspect',
        summary: 'Look into a file',
        description:
          'Says what is inside: pages of a document, sides and camera data of a picture, length and codecs of a video. Not charged.',
        tags,
        output: inspectedFileSchema,
      },
    })
    .input(fileIdInput)
    .mutation(async ({ ctx, input: { id } }) => {
      const { facts, file, isDamaged } = await inspectFile(
        { accountId: ctx.actor.account.id, id },
        ctx,
      );
      return { ...toPublicFile(file), is_damaged: isDamaged, facts };
    }),

  delete: accountProcedure
    .meta({
      access: write,
      owns,
      openapi: {
        method: 'DELETE',
        path: '/files/{id}',
        summary: 'Delete a file',
        description: 'Removes the file and its bytes now; an upload that is not completed too.',
        tags,
        output: deletedFileSchema,
      },
    })
    .input(fileIdInput)
    .mutation(async ({ ctx, input: { id } }) => {
      await deleteFile({ accountId: ctx.actor.account.id, id });
      return { id, deleted: true as const };
    }),
});

export const uploadRouter = router({
  create: accountProcedure
    .meta({
      access: write,
      openapi: {
        method: 'POST',
        path: '/uploads',
        summary: 'Begin an upload',
        description:
          'Gives addresses to which a browser or a program sends a file straight, whole up to 100 MB or in parts. Each takes exactly the bytes that were announced, for 15 minutes. Complete the upload after that.',
        tags,
        output: uploadSchema,
        status: 201,
      },
    })
    .input(createUploadInput)
    .mutation(({ ctx, input }) => beginUpload(ctx.actor.account, input)),

  complete: accountProcedure
    .meta({
      access: write,
      owns: 'upload',
      openapi: {
        method: 'POST',
        path: '/uploads/{id}/complete',
        summary: 'Complete an upload',
        description:
          'Looks at the bytes that have come and makes them a file. 409 while some are missing; what is not as announced is refused and removed.',
        tags,
        output: storedFileSchema,
      },
    })
    .input(uploadIdInput)
    .mutation(async ({ ctx, input: { id } }) =>
      toPublicFile(await completeUpload(ctx.actor.account, id)),
    ),
});
