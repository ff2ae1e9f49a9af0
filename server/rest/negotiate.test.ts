import { toolIds } from '@nebula/contract/tools';
import { describe, expect, test } from 'vitest';
import { negotiateAnswer } from './negotiate.ts';
import { matchRoute, type Route } from './route-table.ts';

const negotiate = (route: Route, accept?: string) =>
  negotiateAnswer(route, new Headers(accept === undefined ? {} : { accept }));

function routeOf(method: string, path: string): Route {
  const found = matchRoute(method, path);
  if ('route' in found) return found.route;
  throw new Error(`${method} ${path} is no route`);
}

const resize = routeOf('POST', '/tools/image-resize');
const plans = routeOf('GET', '/plans');

describe('a tool answers with bytes or with its job', () => {
  test.each([
    [undefined, 'bytes'],
    ['', 'bytes'],
    ['*/*', 'bytes'],
    ['image/*', 'bytes'],
    ['image/png', 'bytes'],
    ['IMAGE/WEBP', 'bytes'],
    ['application/zip', 'bytes'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'bytes'],
    ['application/json', 'json'],
    ['application/json; charset=utf-8', 'json'],
    ['application/json, */*', 'json'],
    ['application/json, text/plain, */*;q=0.1', 'json'],
    ['image/png;q=0.5, application/json;q=0.9', 'json'],
    ['application/json;q=0.5, image/png', 'bytes'],
    ['application/json;q=0, */*', 'bytes'],
    ['*/*;q=0.1, application/json', 'json'],
  ])('Accept: %s is %s', (accept, answer) => {
    expect(negotiate(resize, accept)).toBe(answer);
  });

  test.each(['text/html', 'video/mp4, text/*', '*/*;q=0', 'image/*;q=0', 'nonsense'])(
    'Accept: %s has nothing in common with it: 406 that says what there is',
    (accept) => {
      expect(() => negotiate(resize, accept)).toThrow(
        expect.objectContaining({
          code: 'not_acceptable',
          message: expect.stringContaining('image/png'),
        }),
      );
    },
  );

  test.each(toolIds)('%s gives bytes to a caller that takes anything', (id) => {
    expect(negotiate(routeOf('POST', `/tools/${id}`), '*/*')).toBe('bytes');
  });
});

describe('everything else answers with JSON', () => {
  test.each([undefined, '*/*', 'application/*', 'application/json', 'application/problem+json'])(
    'Accept: %s is accepted',
    (accept) => {
      expect(negotiate(plans, accept)).toBe('json');
    },
  );

  test('a caller that takes no JSON is told so', () => {
    expect(() => negotiate(plans, 'image/png')).toThrow(
      expect.objectContaining({ code: 'not_acceptable' }),
    );
  });
});
