import { z } from 'zod';
import { adminProcedure, router } from '../../trpc.ts';
import { renderMail } from './render.ts';
import {
  previewSchema,
  templateInput,
  templateSchema,
  templateSummarySchema,
  templateTextInput,
  toPublicSummary,
  toPublicTemplate,
} from './schema.ts';
import { examplesOf, previewOf, queueTest } from './service.ts';
import { type MailTemplate, mailTemplateNames, neededBy } from './templates.ts';
import { assertFits, listWritten, readTemplate, restoreTemplate, writeTemplate } from './texts.ts';

const access = 'admin';
const tags: [string] = ['Admin'];
const path = '/admin/email-templates';

async function publicTemplate(template: MailTemplate) {
  const facts = { examples: examplesOf(template), needed: neededBy(template) };
  return toPublicTemplate(template, await readTemplate(template), facts);
}

/** The mails of the product, which admins may write anew. */
export const mailTemplateRouter = router({
  list: adminProcedure
    .meta({
      access,
      openapi: {
        method: 'GET',
        path,
        summary: 'List the e-mail templates',
        description: 'Every mail that the product sends, and whether it was written anew.',
        tags,
        output: z.object({ data: z.array(templateSummarySchema) }),
      },
    })
    .input(z.strictObject({}))
    .query(async () => {
      const written = await listWritten();
      return { data: mailTemplateNames.map((name) => toPublicSummary(name, written.get(name))) };
    }),

  get: adminProcedure
    .meta({
      access,
      openapi: {
        method: 'GET',
        path: `${path}/{template}`,
        summary: 'Read an e-mail template',
        description: 'As it is sent now, with the variables that it may hold.',
        tags,
        output: templateSchema,
      },
    })
    .input(templateInput)
    .query(({ input }) => publicTemplate(input.template)),

  put: adminProcedure
    .meta({
      access,
      openapi: {
        method: 'PUT',
        path: `${path}/{template}`,
        summary: 'Write an e-mail template anew',
        description:
          'Holds for every mail that is sent from now on. A variable that there is not, or that is missing, is named.',
        tags,
        output: templateSchema,
      },
    })
    .input(templateTextInput)
    .mutation(async ({ ctx, input: { template, ...text } }) => {
      await writeTemplate(template, text, { adminId: ctx.actor.account.id, source: ctx });
      return publicTemplate(template);
    }),

  restore: adminProcedure
    .meta({
      access,
      openapi: {
        method: 'DELETE',
        path: `${path}/{template}`,
        summary: 'Restore an e-mail template',
        description: 'Goes back to the text of the product.',
        tags,
        output: templateSchema,
      },
    })
    .input(templateInput)
    .mutation(async ({ ctx, input: { template } }) => {
      await restoreTemplate(template, { adminId: ctx.actor.account.id, source: ctx });
      return publicTemplate(template);
    }),

  preview: adminProcedure
    .meta({
      access,
      openapi: {
        method: 'POST',
        path: `${path}/{template}/preview`,
        summary: 'Preview an e-mail template',
        description: 'The mail that this text makes, with examples for its variables.',
        tags,
        output: previewSchema,
      },
    })
    .input(templateTextInput)
    .mutation(async ({ input: { template, ...text } }) => {
      assertFits(template, text);
      const mail = previewOf(template, text);
      return { subject: mail.subject, ...(await renderMail(mail)) };
    }),

  sendTest: adminProcedure
    .meta({
      access,
      openapi: {
        method: 'POST',
        path: `${path}/{template}/test`,
        summary: 'Send yourself an e-mail template',
        description: 'Sends the mail that this text makes to your own address; nothing is stored.',
        tags,
        output: z.object({ sent_to: z.string() }),
        status: 202,
      },
    })
    .input(templateTextInput)
    .mutation(async ({ ctx, input: { template, ...text } }) => {
      assertFits(template, text);
      const { email } = ctx.actor.account;
      await queueTest(email, template, text);
      return { sent_to: email };
    }),
});
