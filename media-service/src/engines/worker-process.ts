import type { ChildProcess } from 'node:child_process';
import { AppError, type WireError } from '@nebula/contract/errors';
import { killGroup, spawnGroup, watchMemory } from '../jobs/process-group.ts';
import type { Logger } from '../logger.ts';

export type WorkerCommand = {
  name: string;
  command: string;
  args: string[];
  env?: Record<string, string>;
  /** Resident bytes at which the worker is killed. */
  memoryCeilingBytes: number;
  /** Address space the kernel grants; leave out for Node. */
  addressSpaceBytes?: number;
};

/** One answer of a worker, or the notice that it is ready. */
type Frame =
  | { ready: true; version: string }
  | { id: number; result: unknown }
  | { id: number; error: WireError };

const maxFrameBytes = 1024 * 1024;
const maxStderrBytes = 64 * 1024;

/**
 * A child process that answers framed requests: a 4-byte big-endian length, then JSON, both ways.
 * Bulk data goes by file. Whatever breaks the protocol ends the process.
 */
export class WorkerProcess {
  readonly child: ChildProcess;
  /** Resolves with the worker's version, rejects when it ends before it is ready. */
  readonly ready: Promise<string>;
  isEnded = false;
  /** Somebody has ended it; else it ended by itself. */
  isKilled = false;
  #pending:
    | { id: number; resolve: (value: unknown) => void; reject: (error: Error) => void }
    | undefined;
  #nextId = 1;
  #rest: Buffer = Buffer.alloc(0);
  #endReason: AppError | undefined;
  readonly #stopWatch: () => void;

  constructor(worker: WorkerCommand, { logger, onEnd }: { logger: Logger; onEnd: () => void }) {
    const { addressSpaceBytes, args, command, env, memoryCeilingBytes, name } = worker;
    this.child = spawnGroup(command, args, {
      env,
      addressSpaceBytes,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let announce: (version: string) => void = () => {};
    let refuse: (error: Error) => void = () => {};
    this.ready = new Promise((resolve, reject) => {
      announce = resolve;
      refuse = reject;
    });
    this.ready.catch(() => {});
    this.child.stdin?.on('error', () => {});
    this.child.stdout?.on('data', (data: Buffer) => {
      try {
        for (const frame of this.#takeFrames(data)) {
          if ('ready' in frame) announce(frame.version);
          else this.#settle(frame);
        }
      } catch (error) {
        this.kill(
          new AppError('engine_crashed', 'The engine answered nonsense.', { cause: error }),
        );
      }
    });
    let stderr = '';
    this.child.stderr?.on('data', (data: Buffer) => {
      if (stderr.length < maxStderrBytes) stderr += data.toString();
    });
    this.child.once('error', (error) => this.#end(refuse, onEnd, error));
    this.child.once('exit', (code, signal) => {
      if (stderr) logger.debug({ worker: name, stderr: stderr.slice(-2000) }, 'worker said');
      this.#end(
        refuse,
        onEnd,
        new Error(`${name} ended with ${signal ?? code}: ${stderr.slice(-500)}`),
      );
    });
    this.#stopWatch = watchMemory(this.child.pid ?? 0, memoryCeilingBytes, () =>
      this.kill(
        new AppError('input_too_complex', 'The work needs more memory than one job may use.'),
      ),
    );
  }

  /** Sends one request; a worker handles one at a time. */
  request(body: Record<string, unknown>): Promise<unknown> {
    const id = this.#nextId++;
    const json = Buffer.from(JSON.stringify({ ...body, id }));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(json.length);
    return new Promise((resolve, reject) => {
      this.#pending = { id, resolve, reject };
      this.child.stdin?.write(Buffer.concat([length, json]));
    });
  }

  /** Ends the process at once; the running request fails with the reason. */
  kill(reason?: AppError): void {
    this.#endReason ??= reason;
    this.isKilled = true;
    killGroup(this.child);
  }

  #end(refuse: (error: Error) => void, onEnd: () => void, cause: Error): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.#stopWatch();
    killGroup(this.child);
    const message = 'The engine that did the work stopped. Try again.';
    const reason = this.#endReason ?? new AppError('engine_crashed', message, { cause });
    refuse(cause);
    this.#pending?.reject(reason);
    this.#pending = undefined;
    onEnd();
  }

  #settle(frame: Exclude<Frame, { ready: true }>): void {
    const pending = this.#pending;
    if (!pending || frame.id !== pending.id) throw new Error(`unexpected answer ${frame.id}`);
    this.#pending = undefined;
    if ('error' in frame) pending.reject(AppError.fromWire(frame.error));
    else pending.resolve(frame.result);
  }

  *#takeFrames(data: Buffer): Generator<Frame> {
    this.#rest = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
    while (this.#rest.length >= 4) {
      const length = this.#rest.readUInt32BE(0);
      if (length > maxFrameBytes) throw new Error(`a frame of ${length} bytes`);
      if (this.#rest.length < 4 + length) return;
      const json = this.#rest.subarray(4, 4 + length).toString();
      this.#rest = this.#rest.subarray(4 + length);
      yield JSON.parse(json) as Frame;
    }
  }
}
