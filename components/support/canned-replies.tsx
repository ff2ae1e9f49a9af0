'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, Input, TextArea } from '../ui/field.tsx';

type Canned = { id?: string; title: string; text: string };

const blank: Canned = { title: '', text: '' };

/** Where the replies that are given often are kept. */
export function CannedReplies() {
  const trpc = useTRPC();
  const canned = useQuery(trpc.cannedReplies.list.queryOptions({}));
  const [edited, setEdited] = useState(blank);
  return (
    <Dialog
      title="Canned replies"
      description="All operators find them beside the message that they write."
      trigger={<Button kind="secondary">Canned replies</Button>}
    >
      <div className="grid gap-5">
        <QueryView query={canned} height="h-24">
          {({ data }) => (
            <ul className="grid gap-1 text-sm">
              {data.map((each) => (
                <li key={each.id} className="flex min-w-0 items-center gap-2">
                  <span className="min-w-0 flex-1 truncate">{each.title}</span>
                  <Button kind="ghost" size="small" onClick={() => setEdited(each)}>
                    Edit<span className="sr-only"> {each.title}</span>
                  </Button>
                  <Remove id={each.id} title={each.title} />
                </li>
              ))}
            </ul>
          )}
        </QueryView>
        <CannedForm key={edited.id ?? 'new'} canned={edited} onDone={() => setEdited(blank)} />
      </div>
    </Dialog>
  );
}

function useRefresh() {
  const trpc = useTRPC();
  const queries = useQueryClient();
  return () => queries.invalidateQueries(trpc.cannedReplies.pathFilter());
}

function Remove({ id, title }: { id: string; title: string }) {
  const trpc = useTRPC();
  const refresh = useRefresh();
  const [isAsking, setAsking] = useState(false);
  const remove = useMutation(trpc.cannedReplies.delete.mutationOptions({ onSuccess: refresh }));
  return (
    <>
      <Button kind="ghost" size="small" onClick={() => setAsking(true)}>
        Delete<span className="sr-only"> {title}</span>
      </Button>
      <Confirm
        open={isAsking}
        onOpenChange={setAsking}
        title={`Delete “${title}”?`}
        action="Delete"
        onConfirm={() => remove.mutateAsync({ id })}
      >
        Answers that were given with it stay as they are.
      </Confirm>
    </>
  );
}

function CannedForm({ canned, onDone }: { canned: Canned; onDone: () => void }) {
  const trpc = useTRPC();
  const refresh = useRefresh();
  const [{ text, title }, setFields] = useState(canned);
  const onSuccess = async () => {
    await refresh();
    setFields(blank);
    onDone();
  };
  const create = useMutation(trpc.cannedReplies.create.mutationOptions({ onSuccess }));
  const update = useMutation(trpc.cannedReplies.update.mutationOptions({ onSuccess }));
  const error = create.error ?? update.error;
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (canned.id === undefined) create.mutate({ title, text });
        else update.mutate({ id: canned.id, title, text });
      }}
    >
      <Field htmlFor="canned-title" label="Title">
        <Input
          id="canned-title"
          required
          maxLength={80}
          value={title}
          onChange={(event) => setFields({ text, title: event.target.value })}
        />
      </Field>
      <Field htmlFor="canned-text" label="Text">
        <TextArea
          id="canned-text"
          required
          maxLength={4_000}
          className="font-sans text-sm"
          value={text}
          onChange={(event) => setFields({ title, text: event.target.value })}
        />
      </Field>
      {error && <Alert kind="bad">{error.message}</Alert>}
      <Button type="submit" disabled={create.isPending || update.isPending}>
        {canned.id === undefined ? 'Keep it' : 'Save'}
      </Button>
    </form>
  );
}
