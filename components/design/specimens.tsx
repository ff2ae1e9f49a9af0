'use client';

import { Inbox } from 'lucide-react';
import type { ReactNode } from 'react';
import { Alert } from '../ui/alert.tsx';
import { BarChart } from '../ui/bar-chart.tsx';
import { BarTable } from '../ui/bar-table.tsx';
import { Button } from '../ui/button.tsx';
import { Badge, Card } from '../ui/card.tsx';
import { cn } from '../ui/class-names.ts';
import { CodeBlock } from '../ui/code.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { Progress } from '../ui/progress.tsx';
import { Prose } from '../ui/prose.tsx';
import { Ring } from '../ui/ring.tsx';
import { Secret } from '../ui/secret.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Stat } from '../ui/stat.tsx';
import { Head, Row, Table, Td } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { FormSpecimens } from './form-specimens.tsx';
import { OverlaySpecimens } from './overlay-specimens.tsx';

const colours = ['page', 'surface', 'raised', 'line', 'ink', 'soft', 'faint', 'accent'] as const;
const states = ['good', 'warn', 'bad'] as const;
const more = {
  hasNextPage: true,
  isFetchingNextPage: false,
  isFetchNextPageError: false,
  fetchNextPage: async () => {},
};
const spaces = [
  ['1', 'w-1'],
  ['2', 'w-2'],
  ['3', 'w-3'],
  ['4', 'w-4'],
  ['6', 'w-6'],
  ['8', 'w-8'],
] as const;
const radii = [
  ['md', 'rounded-md'],
  ['lg', 'rounded-lg'],
  ['xl', 'rounded-xl'],
  ['2xl', 'rounded-2xl'],
  ['full', 'rounded-full'],
] as const;
const bars = [3, 8, 5, 12, 9, 14, 7].map((good, at) => ({
  label: `2026-11-${17 + at}`,
  good,
  bad: at % 3,
}));

/** Every part in one theme, whatever the theme of the page. */
export function Specimens({ theme }: { theme: 'light' | 'dark' }) {
  return (
    <section
      aria-label={`In ${theme}`}
      className={cn(
        theme,
        'grid content-start gap-8 rounded-2xl border bg-page p-4 text-ink sm:p-6',
      )}
    >
      <Group name={`Colours, ${theme}`}>
        <ul className="grid grid-cols-4 gap-3 text-xs text-soft">
          {[...colours, ...states].map((colour) => (
            <li key={colour} className="grid gap-1">
              <span className="h-10 rounded-lg border" style={{ background: `var(--${colour})` }} />
              {colour}
            </li>
          ))}
        </ul>
      </Group>
      <Group name="Type">
        <p className="text-2xl font-semibold">A page</p>
        <p className="text-lg font-semibold">A part of it</p>
        <p>What is read</p>
        <p className="text-sm text-soft">
          <Prose text="What explains it, with a name such as `page_size`." />
        </p>
        <p className="text-xs text-faint">
          What is beside the point, from <Time at="2026-01-15T09:00:00.000Z" />
        </p>
      </Group>
      <Group name="Space, radius, shadow">
        <ul className="flex flex-wrap items-end gap-3 text-xs text-soft">
          {spaces.map(([name, size]) => (
            <li key={name} className="grid gap-1">
              <span className={cn('h-3 bg-accent', size)} />
              {name}
            </li>
          ))}
        </ul>
        <ul className="flex flex-wrap items-end gap-3 text-xs text-soft">
          {radii.map(([name, radius]) => (
            <li key={name} className="grid gap-1">
              <span className={cn('size-12 border bg-raised', radius)} />
              {name}
            </li>
          ))}
          <li className="grid gap-1">
            <span className="size-12 rounded-xl border bg-surface shadow-lift" />
            lift
          </li>
        </ul>
      </Group>
      <Group name="Buttons">
        <div className="flex flex-wrap gap-2">
          <Button>Primary</Button>
          <Button kind="secondary">Secondary</Button>
          <Button kind="danger">Danger</Button>
          <Button kind="ghost">Ghost</Button>
          <Button disabled>Disabled</Button>
          <Button size="small">Small</Button>
        </div>
      </Group>
      <Group name="Fields">
        <FormSpecimens theme={theme} />
      </Group>
      <Group name="Over the page">
        <OverlaySpecimens />
      </Group>
      <Group name="Alerts and badges">
        <Alert>Something to know.</Alert>
        <Alert kind="good">The payment has arrived.</Alert>
        <Alert kind="warn">The key ends tomorrow.</Alert>
        <Alert kind="bad">Expected scale between 0.1 and 2, received 9.</Alert>
        <div className="flex flex-wrap gap-2">
          <Badge>plain</Badge>
          {states.map((tone) => (
            <Badge key={tone} tone={tone}>
              {tone}
            </Badge>
          ))}
        </div>
      </Group>
      <Group name="Figures">
        <div className="grid grid-cols-2 gap-4">
          <Stat label="Calls" note="in 30 days">
            1,204
          </Stat>
          <Stat label="Succeeded">99.2 %</Stat>
        </div>
        <Card className="flex flex-wrap gap-5">
          <Ring label="A third is used" part={33} whole={100} />
          <Ring label="Nearly all is used" part={92} whole={100} />
        </Card>
        <Card>
          <BarChart label={`Calls, ${theme}`} bars={bars} />
          <BarTable label={`Calls, ${theme}`} bars={bars} />
        </Card>
      </Group>
      <Group name="Lists">
        <Table label={`Keys, ${theme}`}>
          <Head columns={['Name', 'Last used']} />
          <tbody>
            <Row>
              <Td>laptop</Td>
              <Td>2 minutes ago</Td>
            </Row>
            <Row>
              <Td>build server</Td>
              <Td className="text-faint">never</Td>
            </Row>
          </tbody>
        </Table>
        <LoadMore list={more} />
        <EmptyState icon={Inbox} title="Nothing yet">
          What will be here, and how to get it.
        </EmptyState>
      </Group>
      <Group name="On the way">
        <Progress label="Sending" percent={64} />
        <Skeleton className="h-16" />
      </Group>
      <Group name="Code and secrets">
        <CodeBlock label={`cURL, ${theme}`} code={'curl "$NEBULA_URL/api/v1/tools"'} />
        <Secret
          label={`A secret, ${theme}`}
          value="nb_live_0123456789abcdefghijklmnopqrstuvwxyzAB"
        />
      </Group>
    </section>
  );
}

function Group({ children, name }: { children: ReactNode; name: string }) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <h2 className="text-sm font-medium text-soft">{name}</h2>
      {children}
    </div>
  );
}
