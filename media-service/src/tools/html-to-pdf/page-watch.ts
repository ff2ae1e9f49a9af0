import { AppError } from '@nebula/contract/errors';
import type { WarningCode } from '@nebula/contract/warnings';
import type { EgressProxy } from '@nebula/egress/proxy';
import type { ConsoleMessage, HTTPRequest, HTTPResponse, Page } from 'puppeteer';
import type { PdfJob } from './run.ts';

/** What a page did not get, and what it complained of, from now on. */
export type PageWatch = {
  /** Requests under way, those left out that never end. */
  inFlight: () => number;
  noteScriptError: (text: string) => void;
  /** Turns everything into warnings, or into the error that `fail_on` asks for. */
  judge: (job: PdfJob) => void;
};

type Note = { code: WarningCode; url: string; reason: string; count: number };

const maxWarnings = 50;
const maxUrlLength = 300;
const maxTextLength = 500;
const endless = new Set(['eventsource', 'websocket', 'ping', 'preflight', 'prefetch', 'other']);
/** The page or the caller wanted these, and the last has been told of by the proxy. */
const expectedErrors =
  /ERR_(ABORTED|BLOCKED_BY_CLIENT|TUNNEL_CONNECTION_FAILED|BLOCKED_BY_ORB|BLOCKED_BY_RESPONSE)/;

export function watchPage(page: Page, proxy: EgressProxy): PageWatch {
  const failures = new Map<string, Note>();
  const scriptErrors: string[] = [];
  const underWay = new Set<HTTPRequest>();

  const noteScriptError = (text: string) => {
    if (scriptErrors.length < maxWarnings) scriptErrors.push(text.slice(0, maxTextLength));
  };
  page.on('request', (request: HTTPRequest) => {
    if (!endless.has(request.resourceType())) underWay.add(request);
  });
  page.on('requestfinished', (request: HTTPRequest) => underWay.delete(request));
  page.on('requestfailed', (request: HTTPRequest) => {
    underWay.delete(request);
    const reason = request.failure()?.errorText ?? 'failed';
    if (isMain(request) || expectedErrors.test(reason)) return;
    addNote(failures, { code: 'resource_failed', url: request.url(), reason });
  });
  page.on('response', (response: HTTPResponse) => {
    const request = response.request();
    const isDenied = response.headers()['x-nebula-denied'] !== undefined;
    if (response.status() < 400 || isDenied || isMain(request)) return;
    const reason = `status ${response.status()}`;
    addNote(failures, { code: 'resource_failed', url: response.url(), reason });
  });
  page.on('console', (message: ConsoleMessage) => {
    const isLoad = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isLoad) noteScriptError(message.text());
  });
  page.on('pageerror', (error) => noteScriptError(messageOf(error)));

  const judge = ({ options: { fail_on }, warn }: PdfJob) => {
    const notes = [...failures.values(), ...refusals(proxy)];
    const [first] = notes;
    if (fail_on.resources && first)
      throw failed(`${first.url} could not be loaded: ${first.reason}.`, 'fail_on.resources');
    const [firstError] = scriptErrors;
    if (fail_on.console && firstError !== undefined)
      throw failed(`A script reported an error: ${firstError}`, 'fail_on.console');
    for (const { code, count, reason, url } of notes.slice(0, maxWarnings))
      warn(code, sentences[code]?.(url, reason) ?? '', { url, reason, count });
    const left = notes.length - maxWarnings;
    if (left > 0) warn('resource_failed', `${left} further resources were not loaded.`);
    const texts = new Set(scriptErrors);
    for (const text of [...texts].slice(0, Math.max(5, maxWarnings - notes.length)))
      warn('console_error', text);
  };
  return { inFlight: () => underWay.size, noteScriptError, judge };
}

export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, maxTextLength);
}

const sentences: Partial<Record<WarningCode, (url: string, reason: string) => string>> = {
  resource_failed: (url, reason) => `${url} could not be loaded: ${reason}.`,
  resource_blocked: (url, reason) => `${url} was refused: ${reason}.`,
  resource_limit: (url, reason) => `${url} was left out: ${reason}.`,
};

function refusals(proxy: EgressProxy): Note[] {
  const notes = new Map<string, Note>();
  for (const { reason, url } of proxy.denied) {
    const isLimit = reason === 'too_many_requests' || reason === 'too_many_bytes';
    // One sentence about a limit says as much as a hundred.
    if (isLimit && [...notes.values()].some((note) => note.reason === reason)) continue;
    addNote(notes, { code: isLimit ? 'resource_limit' : 'resource_blocked', url, reason });
  }
  return [...notes.values()];
}

function addNote(notes: Map<string, Note>, { code, reason, url }: Omit<Note, 'count'>): void {
  const shown = url.slice(0, maxUrlLength);
  const key = `${code} ${reason} ${shown}`;
  const known = notes.get(key);
  if (known) known.count += 1;
  else if (notes.size < 10 * maxWarnings) notes.set(key, { code, url: shown, reason, count: 1 });
}

function isMain(request: HTTPRequest): boolean {
  return request.isNavigationRequest() && request.frame()?.parentFrame() === null;
}

function failed(message: string, param: string): AppError {
  return new AppError('resource_failed', message, { param });
}
