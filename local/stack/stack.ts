import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildWeb } from './build.ts';
import { type Plan, planStack } from './parts.ts';
import { answersHttp } from './ports.ts';
import { createSupervisor } from './supervisor.ts';

export const root = resolve(import.meta.dirname, '../..');

/** What `.data/stack.json` tells scripts and tests about a running stack. */
export type StackFile = {
  url: string;
  api_key: string;
  demo: { email: string; password: string };
  admin: { email: string; password: string };
  addresses: Record<string, string>;
  pids: Record<string, number>;
  env: Record<string, string>;
};

export type Stack = { file: StackFile; stop: () => Promise<void> };

type StartOptions = Partial<Parameters<typeof planStack>[0]> & { quiet?: boolean };

/** Starts everything on this machine, makes the demo account, and writes `stack.json`. */
export async function startStack({
  folder = join(root, '.data'),
  basePort = 3000,
  overrides,
  isDevelopment = false,
  isPassing = false,
  quiet = false,
}: StartOptions = {}): Promise<Stack> {
  if (!isDevelopment) await buildWeb(root);
  const supervisor = createSupervisor(folder, { quiet });
  const plan = await planStack({ folder, basePort, overrides, isDevelopment, isPassing });
  const stackFile = join(folder, 'stack.json');
  const stop = async () => {
    rmSync(stackFile, { force: true });
    await supervisor.stop();
  };
  try {
    await Promise.all([supervisor.start(plan.services), supervisor.start([plan.media])]);
    await supervisor.start([plan.web], { timeoutMs: 120_000 });
    const accounts = await seed(plan, folder);
    const file: StackFile = {
      url: plan.addresses.web ?? '',
      ...accounts,
      addresses: plan.addresses,
      pids: { supervisor: process.pid, ...supervisor.pids() },
      env: plan.env,
    };
    writeFileSync(stackFile, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
    return { file, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The stack that runs already with this data, if one does. */
export async function findRunningStack(
  folder = join(root, '.data'),
): Promise<StackFile | undefined> {
  const path = join(folder, 'stack.json');
  if (!existsSync(path)) return undefined;
  const file = JSON.parse(readFileSync(path, 'utf8')) as StackFile;
  const isUp = await answersHttp(`${file.url}/api/v1/ready`).catch(() => false);
  return isUp ? file : undefined;
}

/** The seed uses the product's own services, which read their environment once. */
async function seed(plan: Plan, folder: string) {
  Object.assign(process.env, plan.env);
  const { seedAccounts } = await import('../seed.ts');
  return seedAccounts(folder);
}
