/** The processor cores of the machine, shared by all tools. */
export type CpuTokens = {
  /**
   * Takes `count` tokens, first come, first served; more than there are means all of them.
   *
   * @returns what gives them back; calling it twice does nothing more
   * @throws the reason of `signal`
   */
  acquire: (count: number, signal: AbortSignal) => Promise<() => void>;
  sizes: () => { total: number; free: number; waiting: number };
};

type Waiter = { count: number; start: () => void };

/**
 * A counting semaphore with a strict order: who needs two tokens is not overtaken by those who need
 * one, because nobody behind the head of the line is served.
 */
export function createCpuTokens(total: number): CpuTokens {
  const line: Waiter[] = [];
  let free = total;

  function acquire(count: number, signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    const wanted = Math.min(count, total);
    if (line.length === 0 && wanted <= free) return Promise.resolve(take(wanted));
    return new Promise((resolve, reject) => {
      const leave = () => {
        line.splice(line.indexOf(waiter), 1);
        reject(signal.reason);
        serve();
      };
      const waiter: Waiter = {
        count: wanted,
        start: () => {
          signal.removeEventListener('abort', leave);
          resolve(take(wanted));
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      line.push(waiter);
    });
  }

  function take(count: number): () => void {
    free -= count;
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      free += count;
      serve();
    };
  }

  function serve(): void {
    for (let head = line[0]; head && head.count <= free; head = line[0]) {
      line.shift();
      head.start();
    }
  }

  return { acquire, sizes: () => ({ total, free, waiting: line.length }) };
}
