import { toolIds, tools } from './tools/index.ts';

/** What a key may be allowed to do; each scope with the sentence that the dashboard shows. */
export const scopes: Readonly<Record<string, string>> = {
  'tools:run': 'Run every tool, those that come later too.',
  ...Object.fromEntries(toolIds.map((id) => [`tools:${id}`, `Run the tool ${tools[id].title}.`])),
  'jobs:read': 'List jobs and read their state and results.',
  'jobs:write': 'Start, cancel, retry and delete jobs.',
  'files:read': 'List and download stored files.',
  'files:write': 'Upload, inspect and delete files.',
  'usage:read': 'Read the usage and the request log.',
  'webhooks:write': 'Read and change webhook endpoints, and replay deliveries.',
  'keys:write': 'List, make, change, rotate and delete API keys, never beyond its own scopes.',
  'billing:read': 'Read the subscription, payments and invoices.',
  'billing:write': 'Choose a plan, and begin payments.',
  'support:write': 'Read and write conversations with support.',
  'audit:read': 'Read the audit log of the account.',
};

export const scopeNames = Object.keys(scopes) as [string, ...string[]];

/** What a key may do where nothing is said. */
export const defaultScopes: readonly string[] = ['tools:run', 'usage:read'];

/** Whether scopes reach an operation: `tools:run` covers each tool, nothing else widens. */
export function coversScope(held: readonly string[], needed: string): boolean {
  return held.includes(needed) || (needed.startsWith('tools:') && held.includes('tools:run'));
}
