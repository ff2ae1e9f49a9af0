'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { Badge } from '../ui/card.tsx';
import { PageHeader } from '../ui/page-header.tsx';
import type { Template, TemplateName } from './template.ts';
import { TemplateEditor } from './template-editor.tsx';

/** Every mail that the product sends; what an admin writes here holds from the next mail on. */
export function MailTemplates() {
  const trpc = useTRPC();
  const list = useQuery(trpc.mailTemplates.list.queryOptions({}));
  const [shown, setShown] = useState<TemplateName>('welcome');
  return (
    <>
      <PageHeader title="Mail templates">
        What is written here is in every mail from the next one on.
      </PageHeader>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-6 xl:grid-cols-[16rem_minmax(0,1fr)]">
        <QueryView query={list} height="h-64">
          {({ data }) => (
            <nav aria-label="Mails" className="max-xl:max-h-56 max-xl:overflow-y-auto">
              <ul className="grid gap-1">
                {data.map(({ is_default, template, title }) => (
                  <li key={template}>
                    <button
                      type="button"
                      aria-current={template === shown}
                      onClick={() => setShown(template as TemplateName)}
                      className="flex w-full min-w-0 items-center justify-between gap-2 rounded-lg px-3 py-2 text-left text-sm hover:bg-raised aria-current:bg-raised aria-current:font-medium"
                    >
                      {title}
                      {!is_default && <Badge>edited</Badge>}
                    </button>
                  </li>
                ))}
              </ul>
            </nav>
          )}
        </QueryView>
        <Shown key={shown} name={shown} />
      </div>
    </>
  );
}

function Shown({ name }: { name: TemplateName }) {
  const trpc = useTRPC();
  const template = useQuery(trpc.mailTemplates.get.queryOptions({ template: name }));
  return (
    <QueryView query={template} height="h-96">
      {(data: Template) => <TemplateEditor key={data.updated_at ?? 'default'} template={data} />}
    </QueryView>
  );
}
