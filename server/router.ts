import { apiKeyRouter } from './modules/api-key/router.ts';
import { auditRouter } from './modules/audit/router.ts';
import { billingRouter } from './modules/billing/router.ts';
import { catalogRouter } from './modules/catalog/router.ts';
import { operationsRouter } from './modules/operations/router.ts';
import { toolEstimateRouter, toolRunRouter } from './modules/tool-run/router.ts';
import { usageRouter } from './modules/usage/router.ts';
import { router } from './trpc.ts';

/** Every procedure of the product: the table of contents of the API. */
export const appRouter = router({
  tools: toolRunRouter,
  estimates: toolEstimateRouter,
  catalog: catalogRouter,
  usage: usageRouter,
  apiKeys: apiKeyRouter,
  audit: auditRouter,
  billing: billingRouter,
  operations: operationsRouter,
});

export type AppRouter = typeof appRouter;
