import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { setFlagsFromString, startupSnapshot } from 'node:v8';
import { AppError, isAppError } from '@nebula/contract/errors';
import { shortageOf } from '../../jobs/shortage.ts';
import {
  type ConvertRequest,
  convertDocument,
  type LookRequest,
  lookAtDocument,
} from './convert.ts';
import { type StampRequest, stampPages } from './stamp.ts';
import { warmUp } from './warm-up.ts';

/**
 * A usual document is done before code that is optimised as early as by default has paid for that;
 * a long one takes as long either way. Set by the process itself, as a snapshot keeps no flags.
 */
const lateOptimisation = [
  '--invocation-count-for-maglev=2000',
  '--invocation-count-for-turbofan=30000',
];

/** Answers one request and ends; see WorkerProcess for the frames. */
function serve(): void {
  for (const flag of lateOptimisation) setFlagsFromString(flag);
  let rest: Buffer = Buffer.alloc(0);
  process.stdin.on('data', async (data: Buffer) => {
    rest = Buffer.concat([rest, data]);
    if (rest.length < 4 || rest.length < 4 + rest.readUInt32BE(0)) return;
    const request = JSON.parse(rest.subarray(4, 4 + rest.readUInt32BE(0)).toString()) as Request & {
      id: number;
    };
    rest = Buffer.alloc(0);
    try {
      send({ id: request.id, result: await answer(request) });
    } catch (error) {
      send({ id: request.id, error: toWire(error) });
    }
  });
  process.stdin.on('end', () => process.exit(0));
  send({ ready: true, version });
}

type Request = ConvertRequest | LookRequest | StampRequest;

function answer(request: Request): Promise<unknown> {
  if ('look' in request) return lookAtDocument(request);
  return 'stamp' in request ? stampPages(request) : convertDocument(request);
}

function toWire(error: unknown) {
  const known = isAppError(error) ? error : shortageOf(error);
  if (known) return known.toWire();
  if (error instanceof RangeError)
    return new AppError('input_too_complex', 'The document is nested too deeply.').toWire();
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  return new AppError('corrupt_input', 'The document is damaged and cannot be read.', {
    param: 'file',
  }).toWire();
}

function send(message: unknown): void {
  const json = Buffer.from(JSON.stringify(message));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  process.stdout.write(Buffer.concat([length, json]));
}

function versionOf(name: string): string {
  const path = findPackageJSON(name, import.meta.url);
  if (!path) throw new Error(`${name} is not installed`);
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

const version = `${versionOf('mammoth')} + ${versionOf('pdfkit')}`;

void warmUp().then(() => {
  if (startupSnapshot.isBuildingSnapshot()) startupSnapshot.setDeserializeMainFunction(serve);
  else serve();
});
