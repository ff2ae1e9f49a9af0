'use client';

import { useQuery } from '@tanstack/react-query';
import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { PageHeader } from '../ui/page-header.tsx';
import { Secret } from '../ui/secret.tsx';
import { Head, Row, Table } from '../ui/table.tsx';
import { KeyForm } from './key-form.tsx';
import { type ApiKey, KeyRow } from './key-row.tsx';

/** The keys of the account: made, limited, rotated and deleted. */
export function Keys() {
  const trpc = useTRPC();
  const keys = useQuery(trpc.apiKeys.list.queryOptions({}));
  const [isMaking, setMaking] = useState(false);
  const [secret, setSecret] = useState<string>();
  const add = (
    <Button onClick={() => setMaking(true)}>
      <Plus className="size-4" aria-hidden /> New key
    </Button>
  );
  return (
    <>
      <PageHeader title="API keys" actions={add}>
        Programs call with a key. Give each program its own, with no more than it needs.
      </PageHeader>
      <QueryView query={keys}>
        {({ data }) =>
          data.length === 0 ? (
            <EmptyState icon={KeyRound} title="No keys yet">
              Make one, and the first call is one line of curl away.
            </EmptyState>
          ) : (
            <KeyTable keys={data} onSecret={setSecret} />
          )
        }
      </QueryView>
      <Dialog open={isMaking} onOpenChange={setMaking} title="New API key">
        <KeyForm
          onMade={(key) => {
            setMaking(false);
            setSecret(key);
          }}
        />
      </Dialog>
      <Dialog
        open={secret !== undefined}
        onOpenChange={(open) => !open && setSecret(undefined)}
        title="Your new key"
      >
        {secret && <Secret label="The key" value={secret} />}
      </Dialog>
    </>
  );
}

function KeyTable({ keys, onSecret }: { keys: ApiKey[]; onSecret: (key: string) => void }) {
  return (
    <Table label="API keys">
      <Head
        columns={[
          'Name',
          'Key',
          'May do',
          'Last used',
          'Ends',
          { name: 'Actions', isHidden: true },
        ]}
      />
      <tbody>
        {keys.map((key) => (
          <Row key={key.id}>
            <KeyRow apiKey={key} onSecret={onSecret} />
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
