import { plans } from '@nebula/contract/plans';
import { tools } from '@nebula/contract/tools';
import { ArrowRight, FileCheck2, Gauge, ShieldCheck, Waves } from 'lucide-react';
import Link from 'next/link';
import { codeSamples } from '#components/playground/code-samples.ts';
import { ButtonLink } from '#components/ui/button.tsx';
import { Badge, Card } from '#components/ui/card.tsx';
import { CodeTabs } from '#components/ui/code.tsx';
import { highlight } from '#components/ui/highlight.ts';

const promises = [
  {
    icon: Gauge,
    title: 'Refused cheaply',
    text: 'Key, scope, rate and quota are checked before the body is read. A call that fails costs you nothing.',
  },
  {
    icon: Waves,
    title: 'Streamed',
    text: 'Files go to disk as they arrive and come back as they are made. Type and size are decided on the way.',
  },
  {
    icon: ShieldCheck,
    title: 'Contained',
    text: 'Pages are printed behind a proxy that reaches public addresses only. Each job has a folder and a process group of its own.',
  },
  {
    icon: FileCheck2,
    title: 'Clear',
    text: 'An error names the field, what was expected and what came. Whatever was clamped or left out is a warning with a code.',
  },
];

const rupees = new Intl.NumberFormat('en-IN', {
  style: 'currency',
  currency: 'INR',
  maximumFractionDigits: 0,
});
const number = new Intl.NumberFormat('en');

export default async function HomePage() {
  return (
    <main>
      <section className="mx-auto grid max-w-6xl items-center gap-10 px-4 pt-16 pb-20 sm:px-6 lg:grid-cols-[1fr_1.1fr] lg:pt-24">
        <div className="grid gap-6">
          <h1 className="text-4xl leading-[1.1] font-semibold sm:text-5xl">
            Convert files from your own code
          </h1>
          <p className="max-w-lg text-lg leading-relaxed text-soft">
            One call in, the converted file out: documents, pictures and videos, by engines that
            stay warm, behind an API that says exactly what went wrong and never charges twice.
          </p>
          <div className="flex flex-wrap gap-3">
            <ButtonLink href="/playground">
              Try it in the playground <ArrowRight className="size-4" aria-hidden />
            </ButtonLink>
            <ButtonLink href="/docs" kind="secondary">
              Read the docs
            </ButtonLink>
          </div>
        </div>
        <Card className="p-4 sm:p-5">
          <CodeTabs
            samples={
              await highlight(
                codeSamples({
                  origin: 'https://your-nebula.example',
                  tool: 'html-to-pdf',
                  files: [{ field: 'file', name: 'invoice.html' }],
                  fields: { page_size: 'A4', margin: { top: '12mm' } },
                  output: 'invoice.pdf',
                }),
              )
            }
          />
        </Card>
      </section>

      <section className="border-y bg-surface">
        <div className="mx-auto max-w-6xl px-4 py-16 sm:px-6">
          <h2 className="text-2xl font-semibold">Tools</h2>
          <div className="mt-6 grid gap-4 sm:grid-cols-2">
            {Object.values(tools).map((tool) => (
              <Link
                key={tool.id}
                href={`/docs/tools/${tool.id}`}
                className="group grid content-start gap-2 rounded-2xl border bg-page p-6 transition-colors hover:border-accent"
              >
                <h3 className="flex items-center gap-2 text-lg font-semibold">
                  {tool.title}
                  <ArrowRight
                    className="size-4 text-faint transition-transform group-hover:translate-x-1"
                    aria-hidden
                  />
                </h3>
                <p className="text-soft">{tool.summary}</p>
                <p className="mt-2 flex flex-wrap gap-1.5">
                  {tool.source.accepts.map((type) => (
                    <Badge key={type}>{type}</Badge>
                  ))}
                  <span className="text-faint" aria-hidden>
                    →
                  </span>
                  {tool.outputs.map((type) => (
                    <Badge key={type} className="bg-accent-soft text-accent">
                      {type}
                    </Badge>
                  ))}
                </p>
              </Link>
            ))}
          </div>
        </div>
      </section>

      <section className="mx-auto grid max-w-6xl gap-x-10 gap-y-8 px-4 py-16 sm:grid-cols-2 sm:px-6">
        <h2 className="text-2xl font-semibold sm:col-span-2">Built to be relied on</h2>
        {promises.map(({ icon: Icon, text, title }) => (
          <div key={title} className="grid grid-cols-[auto_1fr] content-start gap-x-4 gap-y-1">
            <span className="row-span-2 grid size-10 place-items-center rounded-xl bg-accent-soft text-accent">
              <Icon className="size-5" aria-hidden />
            </span>
            <h3 className="font-semibold">{title}</h3>
            <p className="leading-relaxed text-soft">{text}</p>
          </div>
        ))}
      </section>

      <section className="border-t bg-surface" id="plans">
        <div className="mx-auto max-w-6xl px-4 py-16 sm:px-6">
          <h2 className="text-2xl font-semibold">Plans</h2>
          <p className="mt-2 text-soft">Limits for 30 days. A failed call is never counted.</p>
          <div className="mt-6 grid gap-4 md:grid-cols-3">
            {Object.values(plans).map((plan) => (
              <div
                key={plan.id}
                className="grid content-start gap-4 rounded-2xl border bg-page p-6"
              >
                <h3 className="font-semibold">{plan.name}</h3>
                <p>
                  <span className="text-3xl font-semibold tracking-tight">
                    {rupees.format(plan.pricePaise / 100)}
                  </span>
                  <span className="text-soft"> / 30 days</span>
                </p>
                <dl className="grid grid-cols-[1fr_auto] gap-y-2 border-t pt-4 text-sm [&_dd]:text-right [&_dd]:tabular-nums">
                  <dt className="text-soft">Calls</dt>
                  <dd>{number.format(plan.callsPerCycle)}</dd>
                  <dt className="text-soft">Largest file</dt>
                  <dd>{plan.maxInputBytes / 1024 / 1024} MB</dd>
                  <dt className="text-soft">Requests a minute</dt>
                  <dd>{number.format(plan.requestsPerMinute)}</dd>
                  <dt className="text-soft">Jobs at once</dt>
                  <dd>{plan.concurrentJobs}</dd>
                  <dt className="text-soft">Results kept</dt>
                  <dd>{retention(plan.retentionSeconds)}</dd>
                </dl>
              </div>
            ))}
          </div>
        </div>
      </section>
    </main>
  );
}

function retention(seconds: number): string {
  const hours = seconds / 3600;
  return hours < 48 ? `${hours} ${hours === 1 ? 'hour' : 'hours'}` : `${hours / 24} days`;
}
