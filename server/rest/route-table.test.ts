import { toolIds } from '@nebula/contract/tools';
import { describe, expect, test } from 'vitest';
import { appRouter } from '../router.ts';
import { matchRoute, routes } from './route-table.ts';

type Declared = { _def: { meta?: { openapi?: unknown } } };

const found = (method: string, path: string) => {
  const match = matchRoute(method, path);
  return 'route' in match ? match.route.procedure : match.allow;
};

describe('every procedure that states a path has one route', () => {
  test('none is missing and none is double', () => {
    const procedures = appRouter._def.procedures as unknown as Record<string, Declared>;
    const stated = Object.entries(procedures).filter(([, { _def }]) => _def.meta?.openapi);
    expect(routes.map((route) => route.procedure).sort()).toEqual(
      stated.map(([name]) => name).sort(),
    );
    const addresses = routes.map(({ meta }) => `${meta.openapi.method} ${meta.openapi.path}`);
    expect(new Set(addresses).size).toBe(addresses.length);
  });

  test.each(routes.map((route) => [route.procedure, route] as const))('%s', (_name, route) => {
    const { method, path } = route.meta.openapi;
    const filled = path.replace(/\{\w+\}/g, 'some-value');
    const match = matchRoute(method, filled);
    expect(match).toMatchObject({ route: { procedure: route.procedure } });
    expect(route.type).toBe(method === 'GET' ? 'query' : 'mutation');
    expect(route.meta.access).toBeDefined();
    expect(route.meta.openapi.summary).not.toBe('');
  });

  test.each(toolIds)('%s is run by POST, described by GET', (id) => {
    expect(found('POST', `/tools/${id}`)).toBe(`tools.${id}`);
    expect(found('GET', `/tools/${id}`)).toBe('catalog.getTool');
    expect(found('DELETE', `/tools/${id}`)).toEqual(['POST', 'GET', 'HEAD']);
  });
});

test('HEAD is answered where GET is', () => {
  expect(found('HEAD', '/plans')).toBe('billing.listPlans');
  expect(found('POST', '/plans')).toEqual(['GET', 'HEAD']);
});

test('a path leads to its route whole and exactly, or to none', () => {
  for (const path of ['/', '', '/plans/', '//plans', '/Plans', '/plansx', '/x/plans', '/tools/a/b'])
    expect(found('GET', path), path).toEqual([]);
  expect(found('GET', '/openapiXjson')).toEqual([]);
});

test('a parameter is decoded once, and a broken escape stays as it is', () => {
  expect(matchRoute('GET', '/tools/a%2Fb')).toMatchObject({ params: { tool: 'a/b' } });
  expect(matchRoute('GET', '/tools/a%252Fb')).toMatchObject({ params: { tool: 'a%2Fb' } });
  expect(matchRoute('GET', '/tools/%zz')).toMatchObject({ params: { tool: '%zz' } });
});
