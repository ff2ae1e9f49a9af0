import { commonOptions, type Tool } from '@nebula/contract/tool';
import { type ToolId, toolIds, tools } from '@nebula/contract/tools';
import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { codeSamples } from '#components/playground/code-samples.ts';
import { fieldsOf } from '#components/playground/tool-form.ts';
import { DocsShell } from '#components/site/docs-shell.tsx';
import { OptionTable } from '#components/site/option-table.tsx';
import { ButtonLink } from '#components/ui/button.tsx';
import { CodeTabs } from '#components/ui/code.tsx';
import { highlight } from '#components/ui/highlight.ts';
import { Prose } from '#components/ui/prose.tsx';

type Props = { params: Promise<{ tool: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const tool = findTool((await params).tool);
  return tool ? { title: tool.title, description: tool.summary } : {};
}

export default async function ToolPage({ params }: Props) {
  const tool = findTool((await params).tool);
  if (!tool) notFound();
  const fields = fieldsOf(tool);
  const grouped = new Set(tool.groups.flatMap((group) => group.fields));
  const pick = (names: readonly string[]) =>
    names.flatMap((name): [string, (typeof fields)[string]][] =>
      fields[name] ? [[name, fields[name]]] : [],
    );
  const { html, ...options } = tool.example;
  return (
    <DocsShell>
      <h1 className="text-3xl font-semibold">{tool.title}</h1>
      <p className="mt-3 text-lg text-soft">{tool.summary}</p>
      <p className="mt-4 leading-relaxed text-soft">
        <Prose text={tool.description} />
      </p>
      <div className="mt-6">
        <ButtonLink href={`/playground?tool=${tool.id}`} kind="secondary">
          Try it
        </ButtonLink>
      </div>
      <div className="mt-8">
        <CodeTabs
          samples={
            await highlight(
              codeSamples({
                origin: 'https://your-nebula.example',
                tool: tool.id,
                isLong: tool.isLong,
                files: html ? [] : sampleFiles(tool),
                fields: html ? { html, ...options } : options,
                output: `output.${tool.outputs.find((type) => type === options.format) ?? tool.outputs[0]}`,
              }),
            )
          }
        />
      </div>
      <h2 className="mt-12 text-2xl font-semibold">Input</h2>
      <OptionTable
        fields={pick(
          Object.keys(fields).filter((name) => !grouped.has(name) && !commonNames.includes(name)),
        )}
      />
      {tool.groups.map(({ fields: names, title }) => (
        <section key={title}>
          <h2 className="mt-10 text-xl font-semibold">{title}</h2>
          <OptionTable fields={pick(names)} />
        </section>
      ))}
      <h2 className="mt-10 text-xl font-semibold">Every tool has</h2>
      <OptionTable fields={pick(commonNames)} />
    </DocsShell>
  );
}

/** One file for each field that takes some. */
function sampleFiles({ source: { accepts, field, list } }: Tool) {
  const fields = list ? [field, list.field] : [field];
  return fields.map((each) => ({ field: each, name: `${each}.${accepts[0]}` }));
}

const commonNames = Object.keys(commonOptions);

function findTool(id: string): Tool | undefined {
  return toolIds.includes(id as ToolId) ? tools[id as ToolId] : undefined;
}
