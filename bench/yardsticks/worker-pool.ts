import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

export type ResizeTo = { width: number; height: number; quality: number };

/** The product's own OpenCV workers with nothing around them: the limit of what a service can reach. */
export type WorkerPool = {
  /** Process ids of the workers. */
  ids: number[];
  /** Has the worker that has the least to do answer one request. */
  ask: (request: Record<string, unknown>) => Promise<unknown>;
  /** Resizes a JPEG file on the worker that has the least to do. */
  resize: (source: Source, target: string, to: ResizeTo) => Promise<void>;
  stop: () => void;
};

type Source = { path: string; width: number; height: number };
type Answer = { ready?: true; error?: unknown; result?: unknown };
type Worker = { child: ChildProcess; ask: (request: unknown) => Promise<Answer>; pending: number };

/**
 * Starts `count` processes of `python/worker.py`; each answers in order.
 *
 * @param prelude Python that runs before the worker, in the folder of its modules
 */
export async function createWorkerPool(
  root: string,
  python: string,
  count: number,
  prelude = '',
): Promise<WorkerPool> {
  const folder = join(root, 'python');
  const script = `import sys; sys.path.insert(0, sys.argv[1])\n${prelude}\nimport worker; worker.main()`;
  const workers = await Promise.all(
    Array.from({ length: count }, () => startWorker(python, ['-B', '-u', '-c', script, folder])),
  );
  const ask = async (request: Record<string, unknown>) => {
    const worker = workers.reduce((a, b) => (b.pending < a.pending ? b : a));
    worker.pending += 1;
    const { error, result } = await worker.ask({ id: 1, ...request });
    worker.pending -= 1;
    if (error) throw new Error(`the worker refused: ${JSON.stringify(error)}`);
    return result;
  };
  return {
    ids: workers.map(({ child }) => child.pid ?? 0),
    ask,
    resize: async (source, target, to) => void (await ask(resizeRequest(source, target, to))),
    stop: () => {
      for (const { child } of workers) child.kill('SIGKILL');
    },
  };
}

async function startWorker(python: string, args: string[]): Promise<Worker> {
  const child = spawn(python, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, NODE_ENV: 'production', OMP_NUM_THREADS: '1' },
  });
  const waiting: ((answer: Answer) => void)[] = [];
  const next = () => new Promise<Answer>((resolve) => waiting.push(resolve));
  let rest = Buffer.alloc(0);
  child.stdout.on('data', (data: Buffer) => {
    rest = Buffer.concat([rest, data]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE()) {
      const end = 4 + rest.readUInt32BE();
      waiting.shift()?.(JSON.parse(rest.subarray(4, end).toString()) as Answer);
      rest = rest.subarray(end);
    }
  });
  await next();
  const ask = (request: unknown) => {
    child.stdin.write(frame(request));
    return next();
  };
  return { child, ask, pending: 0 };
}

/** Both ways: a 4-byte big-endian length, then JSON. */
function frame(message: unknown): Buffer {
  const json = Buffer.from(JSON.stringify(message));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  return Buffer.concat([length, json]);
}

/** What the product's runner asks for where a plain JPEG is made smaller. */
function resizeRequest({ height, path, width }: Source, target: string, to: ResizeTo) {
  const shrink = [8, 4, 2].find((factor) => width / factor >= to.width) ?? 1;
  return {
    op: 'resize',
    source: {
      ...{ path, type: 'jpg', width, height, orientation: 1, hasAlpha: false },
      ...{ rotate: 0, flip: 'none', shrink },
    },
    outputs: [
      {
        region: { x: 0, y: 0, width, height },
        isSmart: false,
        size: { width: to.width, height: to.height },
        background: [255, 255, 255, 255],
        filter: 'cubic',
        sharpen: 0,
        keepAlpha: false,
        encode: 'jpg',
        quality: to.quality,
        progressive: false,
        path: target,
      },
    ],
  };
}
