import { apiKeyRouter } from './modules/api-key/router.ts';
import { auditRouter } from './modules/audit/router.ts';
import { adminUserRouter } from './modules/auth/admin-router.ts';
import { meRouter } from './modules/auth/me-router.ts';
import { authRouter } from './modules/auth/router.ts';
import { adminBillingRouter } from './modules/billing/admin-router.ts';
import { billingRouter } from './modules/billing/router.ts';
import { catalogRouter } from './modules/catalog/router.ts';
import { fileRouter, uploadRouter } from './modules/file/router.ts';
import { batchRouter } from './modules/job/batch/router.ts';
import { pipelineRouter } from './modules/job/pipeline/router.ts';
import { jobRouter } from './modules/job/router.ts';
import { mailTemplateRouter } from './modules/mail/router.ts';
import { notificationRouter } from './modules/notification/router.ts';
import { operationsRouter } from './modules/operations/router.ts';
import { pushRouter } from './modules/push/router.ts';
import { realtimeRouter } from './modules/realtime/router.ts';
import { adminConversationRouter } from './modules/support/admin-router.ts';
import { cannedReplyRouter } from './modules/support/canned-router.ts';
import { operatorRouter } from './modules/support/operators-router.ts';
import { conversationRouter } from './modules/support/router.ts';
import { toolEstimateRouter, toolRunRouter } from './modules/tool-run/router.ts';
import { requestLogRouter } from './modules/usage/request-log-router.ts';
import { usageRouter } from './modules/usage/router.ts';
import {
  webhookDeliveryRouter,
  webhookEndpointRouter,
  webhookSecretRouter,
} from './modules/webhook/router.ts';
import { router } from './trpc.ts';

/** Every procedure of the product: the table of contents of the API. */
export const appRouter = router({
  tools: toolRunRouter,
  estimates: toolEstimateRouter,
  jobs: jobRouter,
  batches: batchRouter,
  pipelines: pipelineRouter,
  files: fileRouter,
  uploads: uploadRouter,
  catalog: catalogRouter,
  auth: authRouter,
  me: meRouter,
  usage: usageRouter,
  requestLogs: requestLogRouter,
  apiKeys: apiKeyRouter,
  audit: auditRouter,
  billing: billingRouter,
  adminUsers: adminUserRouter,
  adminBilling: adminBillingRouter,
  webhookEndpoints: webhookEndpointRouter,
  webhookDeliveries: webhookDeliveryRouter,
  webhookSecret: webhookSecretRouter,
  notifications: notificationRouter,
  push: pushRouter,
  realtime: realtimeRouter,
  conversations: conversationRouter,
  adminConversations: adminConversationRouter,
  cannedReplies: cannedReplyRouter,
  operators: operatorRouter,
  mailTemplates: mailTemplateRouter,
  operations: operationsRouter,
});

export type AppRouter = typeof appRouter;
