import { AppError } from '@nebula/contract/errors';
import { fileTypes } from '@nebula/contract/file-types';
import { tools } from '@nebula/contract/tools';
import type { Route } from './route-table.ts';

type Range = { type: string; quality: number };

/** What the caller wants: the bytes of a tool, or JSON. Nothing in common is 406. */
export function negotiateAnswer(route: Route, headers: Headers): 'bytes' | 'json' {
  const ranges = parseAccept(headers.get('accept') || '*/*');
  const { sends } = route.meta.openapi;
  if (sends) {
    if (qualityOf(ranges, sends) > 0) return 'bytes';
    throw notAcceptable([sends]);
  }
  const { isRun, tool } = route.meta.openapi;
  const json = qualityOf(ranges, 'application/json');
  const problem = qualityOf(ranges, 'application/problem+json');
  if (!tool || !isRun) {
    if (json > 0 || problem > 0 || route.meta.openapi.output === undefined) return 'json';
    throw notAcceptable(['application/json']);
  }
  const produced = [...tools[tool].outputs.map((type) => fileTypes[type].mime), 'application/zip'];
  const bytes = Math.max(...produced.map((type) => qualityOf(ranges, type)));
  if (bytes === 0 && json === 0) throw notAcceptable([...produced, 'application/json']);
  return json > bytes || (json > 0 && isNamed(ranges, 'application/json')) ? 'json' : 'bytes';
}

function parseAccept(header: string): Range[] {
  return header.split(',').flatMap((part) => {
    const [type = '', ...params] = part.trim().toLowerCase().split(';');
    const weight = params.map((param) => /^\s*q=([\d.]+)\s*$/.exec(param)?.[1]).find(Boolean);
    return type ? [{ type: type.trim(), quality: weight === undefined ? 1 : Number(weight) }] : [];
  });
}

/** The most exact range decides, as RFC 9110 says. */
function qualityOf(ranges: Range[], type: string): number {
  const family = `${type.split('/')[0]}/*`;
  for (const candidate of [type, family, '*/*']) {
    const range = ranges.find((each) => each.type === candidate);
    if (range) return range.quality;
  }
  return 0;
}

/** A caller that names JSON beside `*​/*` means JSON. */
function isNamed(ranges: Range[], type: string): boolean {
  const produced = ranges.filter((range) => range.type !== '*/*' && range.quality > 0);
  return produced.length > 0 && produced.every((range) => range.type === type);
}

function notAcceptable(produced: string[]): AppError {
  const message = `Expected Accept to allow one of ${[...new Set(produced)].join(', ')}.`;
  return new AppError('not_acceptable', message, { extra: { acceptable: produced } });
}
