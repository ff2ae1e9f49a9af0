import { clock } from './clock.ts';

const usualMilliseconds = 4_000;
const maxKeys = 10_000;

/** What was read lately, by its key. */
export type BriefMemory<T> = {
  /** What is remembered, or is being read just now; read anew where that is too old. */
  get: (key: string) => Promise<T>;
  /** Remembers what the caller knows to be true now. */
  set: (key: string, value: T) => void;
  /** Whoever asks from now on gets what is read from now on. */
  forget: (key: string) => void;
  clear: () => void;
};

/**
 * Remembers what every call needs for a few seconds. However many ask at once, the first of them reads
 * for all: a thousand pages that come back together cost the database one read of each account. The
 * age of an answer counts from before it was read, and a failure is not remembered.
 *
 * @example
 * const accounts = rememberBriefly((id) => readAccount(id));
 * const account = await accounts.get(id);
 */
export function rememberBriefly<T>(
  read: (key: string) => Promise<T>,
  milliseconds = usualMilliseconds,
): BriefMemory<T> {
  const known = new Map<string, { value: Promise<T>; until: number }>();
  const keep = (key: string, value: Promise<T>) => {
    if (known.size >= maxKeys) known.clear();
    const entry = { value, until: clock.now() + milliseconds };
    known.set(key, entry);
    value.catch(() => {
      if (known.get(key) === entry) known.delete(key);
    });
    return value;
  };
  return {
    get: (key) => {
      const entry = known.get(key);
      return entry && entry.until > clock.now() ? entry.value : keep(key, read(key));
    },
    set: (key, value) => void keep(key, Promise.resolve(value)),
    forget: (key) => void known.delete(key),
    clear: () => known.clear(),
  };
}
