import { createHash, randomUUID } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What is kept of an object beside its bytes. */
export type ObjectMeta = {
  key: string;
  /** Name of the data file; generated, never made from the key. */
  file: string;
  size: number;
  etag: string;
  modifiedAt: number;
  /** Response headers that the object carries, such as content-type. */
  headers: Record<string, string>;
  /** `x-amz-meta-*` without the prefix. */
  userMeta: Record<string, string>;
  checksums: Record<string, string>;
  tags: [string, string][];
};

export type LifecycleRule = { prefix: string; days: number };
export type CorsRule = {
  origins: string[];
  methods: string[];
  headers: string[];
  expose: string[];
};
type BucketConfig = { cors?: CorsRule[]; lifecycle?: string; rules?: LifecycleRule[] };

/** Objects of one folder on disk. A write is visible whole or not at all. */
export class Storage {
  readonly #dir: string;
  readonly #buckets = new Map<string, Map<string, ObjectMeta>>();
  readonly #configs = new Map<string, BucketConfig>();

  constructor(dir: string) {
    this.#dir = dir;
    mkdirSync(dir, { recursive: true });
    for (const name of readdirSync(dir)) this.#loadBucket(name);
  }

  #loadBucket(bucket: string): void {
    const folder = join(this.#dir, bucket);
    rmSync(join(folder, 'incoming'), { recursive: true, force: true });
    this.#makeFolders(bucket);
    const objects = new Map<string, ObjectMeta>();
    for (const name of readdirSync(join(folder, 'meta'))) {
      if (!name.endsWith('.json')) continue;
      const meta = JSON.parse(readFileSync(join(folder, 'meta', name), 'utf8')) as ObjectMeta;
      objects.set(meta.key, meta);
    }
    const used = new Set([...objects.values()].map((meta) => meta.file));
    for (const name of readdirSync(join(folder, 'data')))
      if (!used.has(name)) rmSync(join(folder, 'data', name));
    this.#buckets.set(bucket, objects);
    const config = join(folder, 'config.json');
    this.#configs.set(bucket, existsSync(config) ? JSON.parse(readFileSync(config, 'utf8')) : {});
  }

  #makeFolders(bucket: string): void {
    for (const part of ['meta', 'data', 'incoming'])
      mkdirSync(join(this.#dir, bucket, part), { recursive: true });
  }

  hasBucket(bucket: string): boolean {
    return this.#buckets.has(bucket);
  }

  buckets(): string[] {
    return [...this.#buckets.keys()];
  }

  createBucket(bucket: string): void {
    if (this.hasBucket(bucket)) return;
    this.#makeFolders(bucket);
    this.#buckets.set(bucket, new Map());
    this.#configs.set(bucket, {});
  }

  async deleteBucket(bucket: string): Promise<void> {
    this.#buckets.delete(bucket);
    await rm(join(this.#dir, bucket), { recursive: true, force: true });
  }

  config(bucket: string): BucketConfig {
    return this.#configs.get(bucket) ?? {};
  }

  async setConfig(bucket: string, change: BucketConfig): Promise<void> {
    const config = { ...this.config(bucket), ...change };
    this.#configs.set(bucket, config);
    await replaceFile(join(this.#dir, bucket, 'config.json'), JSON.stringify(config));
  }

  find(bucket: string, key: string): ObjectMeta | undefined {
    return this.#buckets.get(bucket)?.get(key);
  }

  /** Keys of a bucket in S3's order, that of their UTF-8 bytes. */
  list(bucket: string): ObjectMeta[] {
    const objects = [...(this.#buckets.get(bucket)?.values() ?? [])];
    return objects.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  }

  /** Streams a body to a new file; nothing refers to it until it is committed. */
  async receive(
    bucket: string,
    body: Readable,
  ): Promise<{ file: string; size: number; md5: string }> {
    const file = randomUUID();
    const path = join(this.#dir, bucket, 'incoming', file);
    const md5 = createHash('md5');
    let size = 0;
    body.on('data', (chunk: Buffer) => {
      md5.update(chunk);
      size += chunk.length;
    });
    try {
      await pipeline(body, createWriteStream(path, { flags: 'wx' }));
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
    return { file, size, md5: md5.digest('hex') };
  }

  async discard(bucket: string, file: string): Promise<void> {
    await rm(join(this.#dir, bucket, 'incoming', file), { force: true });
  }

  /** Joins received parts to one received file. */
  async join(bucket: string, files: string[]): Promise<string> {
    const file = randomUUID();
    const target = join(this.#dir, bucket, 'incoming', file);
    for (const part of files) {
      const source = createReadStream(join(this.#dir, bucket, 'incoming', part));
      await pipeline(source, createWriteStream(target, { flags: 'a' }));
    }
    return file;
  }

  /** Makes a received file the object: its data first, then the one rename that shows it. */
  async commit(bucket: string, meta: ObjectMeta): Promise<void> {
    const folder = join(this.#dir, bucket);
    await syncFile(join(folder, 'incoming', meta.file));
    await rename(join(folder, 'incoming', meta.file), join(folder, 'data', meta.file));
    await replaceFile(this.#metaPath(bucket, meta.key), JSON.stringify(meta));
    const before = this.find(bucket, meta.key);
    this.#buckets.get(bucket)?.set(meta.key, meta);
    if (before) await rm(join(folder, 'data', before.file), { force: true });
  }

  async update(bucket: string, meta: ObjectMeta): Promise<void> {
    await replaceFile(this.#metaPath(bucket, meta.key), JSON.stringify(meta));
    this.#buckets.get(bucket)?.set(meta.key, meta);
  }

  read(bucket: string, meta: ObjectMeta, range?: { start: number; end: number }): Readable {
    return createReadStream(join(this.#dir, bucket, 'data', meta.file), range);
  }

  async remove(bucket: string, key: string): Promise<void> {
    const meta = this.find(bucket, key);
    if (!meta) return;
    this.#buckets.get(bucket)?.delete(key);
    await rm(this.#metaPath(bucket, key), { force: true });
    await rm(join(this.#dir, bucket, 'data', meta.file), { force: true });
  }

  /** Removes what the buckets' lifecycle rules have expired. */
  async sweep(now = Date.now()): Promise<void> {
    for (const bucket of this.buckets()) {
      for (const { days, prefix } of this.config(bucket).rules ?? []) {
        const before = now - days * 24 * 60 * 60 * 1000;
        const expired = this.list(bucket).filter(
          (meta) => meta.key.startsWith(prefix) && meta.modifiedAt < before,
        );
        for (const { key } of expired) await this.remove(bucket, key);
      }
    }
  }

  #metaPath(bucket: string, key: string): string {
    const name = createHash('sha256').update(key).digest('hex');
    return join(this.#dir, bucket, 'meta', `${name}.json`);
  }
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  await handle.sync();
  await handle.close();
}

async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  await writeFile(temporary, text);
  await rename(temporary, path);
}
