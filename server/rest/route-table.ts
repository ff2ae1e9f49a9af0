import type { Source } from '@nebula/contract/tool';
import { tools } from '@nebula/contract/tools';
import type { AnyTRPCProcedure } from '@trpc/server';
import type { z } from 'zod';
import { appRouter } from '../router.ts';
import type { Meta } from '../trpc.ts';

/** One REST operation: a procedure and where it answers. */
export type Route = {
  /** Path of the procedure in the router, e.g. `tools.image-resize`. */
  procedure: string;
  type: 'query' | 'mutation';
  meta: Meta & { openapi: NonNullable<Meta['openapi']> };
  input: z.ZodType | undefined;
  pattern: RegExp;
  paramNames: string[];
};

/** Every procedure that states a method and a path, fixed paths before those with parameters. */
export const routes: readonly Route[] = Object.entries(appRouter._def.procedures)
  .flatMap(([name, procedure]) => toRoute(name, procedure as unknown as AnyTRPCProcedure))
  .sort((a, b) => a.paramNames.length - b.paramNames.length);

/** The files that the body of an operation may carry; undefined for none. */
export function sourceOf({ meta }: Route): Source | undefined {
  const { source, tool } = meta.openapi;
  return tool ? tools[tool].source : source;
}

/** The operation that answers, or the methods that the path has. */
export function matchRoute(
  method: string,
  path: string,
): { route: Route; params: Record<string, string> } | { allow: string[] } {
  const allow = new Set<string>();
  for (const route of routes) {
    const match = route.pattern.exec(path);
    if (!match) continue;
    const wanted = method === 'HEAD' ? 'GET' : method;
    if (route.meta.openapi.method === wanted)
      return { route, params: decodeParams(match.groups ?? {}) };
    allow.add(route.meta.openapi.method);
  }
  if (allow.has('GET')) allow.add('HEAD');
  return { allow: [...allow] };
}

function decodeParams(groups: Record<string, string>): Record<string, string> {
  const decoded = Object.entries(groups).map(([name, value]) => [name, decodeOnce(value)]);
  return Object.fromEntries(decoded);
}

function decodeOnce(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function toRoute(name: string, procedure: AnyTRPCProcedure): Route[] {
  const definition = procedure._def as unknown as {
    type: Route['type'];
    meta?: Meta;
    inputs: z.ZodType[];
  };
  const openapi = definition.meta?.openapi;
  if (!definition.meta || !openapi) return [];
  const paramNames = [...openapi.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
  const source = openapi.path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)').replaceAll('.', '\\.');
  return [
    {
      procedure: name,
      type: definition.type,
      meta: { ...definition.meta, openapi },
      input: definition.inputs[0],
      pattern: new RegExp(`^${source}$`),
      paramNames,
    },
  ];
}
