import { Badge } from './card.tsx';

/** The texts of the contract mark names with backticks; this shows them as code. */
export function Prose({ text }: { text: string }) {
  return text.split('`').map((part, at) =>
    at % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of a fixed text never move.
      <Badge key={`${at}:${part}`} className="text-[0.8125em] break-words">
        {part}
      </Badge>
    ) : (
      part
    ),
  );
}
