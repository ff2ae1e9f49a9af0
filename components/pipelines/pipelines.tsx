'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { MoreHorizontal, Plus, Workflow } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { Button, ButtonLink } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { Menu, MenuItem, MenuLine } from '../ui/menu.tsx';
import { PageHeader } from '../ui/page-header.tsx';
import { Head, Row, Table, Td } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { DeletePipeline } from './delete-pipeline.tsx';
import type { Pipeline } from './pipeline-editor.tsx';
import { RunDialog, type RunTool } from './run-dialog.tsx';

type Listed = Pipeline & { updated_at: string };

/** Steps that were saved under a name, to be run again and again. */
export function Pipelines({ tools }: { tools: RunTool[] }) {
  const trpc = useTRPC();
  const list = useInfiniteQuery(
    trpc.pipelines.list.infiniteQueryOptions(
      { limit: 20 },
      { getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined },
    ),
  );
  return (
    <>
      <PageHeader
        title="Pipelines"
        actions={
          <ButtonLink href="/dashboard/pipelines/new">
            <Plus className="size-4" aria-hidden /> New pipeline
          </ButtonLink>
        }
      >
        Tools one after another, each with the files of the one before, under a name that programs
        can run.
      </PageHeader>
      <QueryView query={list}>
        {({ pages }) => (
          <PipelineTable pipelines={pages.flatMap(({ data }) => data)} tools={tools} />
        )}
      </QueryView>
      <LoadMore list={list} />
    </>
  );
}

function PipelineTable({ pipelines, tools }: { pipelines: Listed[]; tools: RunTool[] }) {
  const [running, setRunning] = useState<Listed>();
  const [doomed, setDoomed] = useState<Listed>();
  return (
    <>
      {pipelines.length === 0 ? (
        <EmptyState icon={Workflow} title="No pipelines yet">
          Put tools in a row, such as a page to PDF and the PDF to pictures, and run them as one
          job.
        </EmptyState>
      ) : (
        <Table label="Pipelines">
          <Head columns={['Name', 'Steps', 'Changed', { name: 'Actions', isHidden: true }]} />
          <tbody>
            {pipelines.map((pipeline) => (
              <Row key={pipeline.id}>
                <Td>
                  <Link
                    href={`/dashboard/pipelines/${pipeline.id}`}
                    className="block max-w-64 truncate font-medium text-accent underline"
                  >
                    {pipeline.name}
                  </Link>
                  <span className="font-mono text-xs text-faint">{pipeline.id}</span>
                </Td>
                <Td className="font-mono text-xs">
                  {pipeline.steps.map(({ tool }) => tool).join(' → ')}
                </Td>
                <Td>
                  <Time at={pipeline.updated_at} />
                </Td>
                <Td className="text-right">
                  <PipelineMenu
                    pipeline={pipeline}
                    onRun={() => setRunning(pipeline)}
                    onDelete={() => setDoomed(pipeline)}
                  />
                </Td>
              </Row>
            ))}
          </tbody>
        </Table>
      )}
      <RunDialog pipeline={running} tools={tools} onClose={() => setRunning(undefined)} />
      <DeletePipeline pipeline={doomed} onClose={() => setDoomed(undefined)} />
    </>
  );
}

function PipelineMenu({
  onDelete,
  onRun,
  pipeline: { id, name },
}: {
  onDelete: () => void;
  onRun: () => void;
  pipeline: Listed;
}) {
  return (
    <Menu
      trigger={
        <Button kind="ghost" size="icon" aria-label={`Actions of ${name}`}>
          <MoreHorizontal className="size-4" aria-hidden />
        </Button>
      }
    >
      <MenuItem onSelect={onRun}>Run</MenuItem>
      <MenuItem asChild>
        <Link href={`/dashboard/pipelines/${id}`}>Change</Link>
      </MenuItem>
      <MenuLine />
      <MenuItem isDangerous onSelect={onDelete}>
        Delete
      </MenuItem>
    </Menu>
  );
}
