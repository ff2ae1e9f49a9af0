import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import type { AppRouter } from '#server/router.ts';

export type Template = inferRouterOutputs<AppRouter>['mailTemplates']['get'];

export type TemplateName = inferRouterInputs<AppRouter>['mailTemplates']['get']['template'];

/** What is edited of it. */
export type Draft = Pick<Template, 'action' | 'body' | 'heading' | 'subject'>;
