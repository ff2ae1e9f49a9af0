import { type ToolId, toolIds, tools } from '@nebula/contract/tools';
import type { Metadata } from 'next';
import { Playground } from '#components/playground/playground.tsx';
import { toolForm } from '#components/playground/tool-form.ts';
import { currentAccount } from '#server/auth.ts';

export const metadata: Metadata = {
  title: 'Playground',
  description: 'Run every tool on a file of yours, and copy the exact request.',
};

type Props = { searchParams: Promise<{ tool?: string }> };

export default async function PlaygroundPage({ searchParams }: Props) {
  const { tool } = await searchParams;
  const account = await currentAccount();
  const first = toolIds.includes(tool as ToolId) ? (tool as ToolId) : toolIds[0];
  return (
    <main className="mx-auto max-w-6xl px-4 py-8 sm:px-6">
      <h1 className="text-2xl font-semibold">Playground</h1>
      <p className="mt-1 text-soft">What you run here is the public API itself.</p>
      <Playground
        key={first}
        tools={toolIds.map((id) => toolForm(tools[id]))}
        firstTool={first}
        email={account?.email}
      />
    </main>
  );
}
