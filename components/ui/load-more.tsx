import { Button } from './button.tsx';

type List = {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  fetchNextPage: () => Promise<unknown>;
};

/** The next page of a list, below the pages that are there; nothing after the last one. */
export function LoadMore({ list }: { list: List }) {
  if (!list.hasNextPage) return null;
  const word = list.isFetchNextPageError ? 'Try again' : 'Show more';
  return (
    <Button
      kind="secondary"
      className="justify-self-center"
      disabled={list.isFetchingNextPage}
      onClick={() => void list.fetchNextPage()}
    >
      {list.isFetchingNextPage ? 'Loading …' : word}
    </Button>
  );
}
