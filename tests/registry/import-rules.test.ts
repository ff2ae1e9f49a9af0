import { spawnSync } from 'node:child_process';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** A file of a room, and an import that its room may not have. */
const forbidden: [file: string, from: string][] = [
  ['contract/x.ts', '#server/trpc.ts'],
  ['contract/x.ts', '@nebula/egress'],
  ['contract/x.ts', 'node:fs'],
  ['contract/x.ts', 'react'],
  ['egress/x.ts', '#server/env.ts'],
  ['egress/x.ts', '@nebula/contract/errors'],
  ['components/x.tsx', '#server/platform/redis.ts'],
  ['components/ui/x.tsx', '#server/modules/usage/service.ts'],
  ['components/x.tsx', '../server/env.ts'],
  ['components/x.tsx', '@nebula/egress'],
  ['components/x.tsx', '#local/seed.ts'],
  ['app/x.tsx', '#server/modules/usage/entity.ts'],
  ['app/x.tsx', '#server/modules/usage/router.ts'],
  ['app/x.tsx', '#server/platform/dynamo.ts'],
  ['app/x.tsx', '#server/database.ts'],
  ['server/rest/x.ts', '../modules/usage/service.ts'],
  ['server/rest/x.ts', '#server/modules/usage/service.ts'],
  ['server/rest/x.ts', '../platform/dynamo.ts'],
  ['server/rest/x.ts', '#components/ui/button.tsx'],
  ['server/modules/usage/x.ts', '../account/entity.ts'],
  ['server/modules/usage/x.ts', '../account/router.ts'],
  ['server/modules/usage/x.ts', '../account/schema.ts'],
  ['server/modules/usage/x.ts', '../../rest/handle.ts'],
  ['server/platform/x.ts', '../modules/usage/service.ts'],
  ['server/platform/x.ts', '../router.ts'],
  ['server/platform/x.ts', '../rest/handle.ts'],
  ['media-service/src/x.ts', '#server/env.ts'],
  ['media-service/src/x.ts', '../../server/env.ts'],
  ['media-service/src/x.ts', '#local/seed.ts'],
  ['local/s3/x.ts', '#server/modules/usage/service.ts'],
  ['local/channels/x.ts', '#server/modules/usage/service.ts'],
  ['local/mail/x.ts', '#server/modules/usage/service.ts'],
];

/** What the rooms live on; a rule that forbids it would be wrong. */
const allowed: [file: string, from: string][] = [
  ['contract/x.ts', 'zod'],
  ['contract/tools/x.ts', '../tool.ts'],
  ['components/x.tsx', '@nebula/contract/tools'],
  ['components/x.tsx', '#server/router.ts'],
  ['app/x.tsx', '#server/rest/web.ts'],
  ['app/x.tsx', '#server/modules/usage/service.ts'],
  ['server/rest/x.ts', '../router.ts'],
  ['server/rest/x.ts', '../platform/logger.ts'],
  ['server/modules/usage/x.ts', '../account/service.ts'],
  ['server/modules/usage/x.ts', './entity.ts'],
  ['server/modules/usage/x.ts', '../../platform/dynamo.ts'],
  ['server/platform/x.ts', '../env.ts'],
  ['media-service/src/x.ts', '@nebula/contract/tools'],
  ['media-service/src/x.ts', '@nebula/egress'],
];

type Diagnostic = { category: string; location: { path: string } };

const folder = mkdtempSync(join(tmpdir(), 'import-rules-'));
let diagnostics: Diagnostic[];

beforeAll(() => {
  const {
    vcs: _vcs,
    $schema: _schema,
    ...config
  } = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
  write('biome.json', JSON.stringify(config));
  for (const [kind, cases] of Object.entries({ forbidden, allowed }))
    for (const [at, [file, from]] of cases.entries()) write(nameOf(kind, at, file), source(from));
  write('server/reads-env.ts', 'export const secret = process.env.SECRET;\n');
  write('server/env.ts', 'export const secret = process.env.SECRET;\n');
  const args = ['lint', '--reporter=json', '--max-diagnostics=none', '.'];
  const linted = spawnSync(join(root, 'node_modules/.bin/biome'), args, { cwd: folder });
  diagnostics = (JSON.parse(linted.stdout.toString()) as { diagnostics: Diagnostic[] }).diagnostics;
}, 30_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the lint refuses', () => {
  test.each(forbidden.map((each, at) => [...each, at] as const))(
    '%s importing %s',
    (file, from, at) => {
      expect(rulesAt(nameOf('forbidden', at, file)), from).toContain(
        'lint/style/noRestrictedImports',
      );
    },
  );

  test('process.env outside env.ts', () => {
    expect(rulesAt('server/reads-env.ts')).toContain('lint/style/noProcessEnv');
    expect(rulesAt('server/env.ts')).toEqual([]);
  });
});

describe('the lint lets pass', () => {
  test.each(allowed.map((each, at) => [...each, at] as const))(
    '%s importing %s',
    (file, _from, at) => {
      expect(rulesAt(nameOf('allowed', at, file))).toEqual([]);
    },
  );
});

describe('what the lint cannot see', () => {
  const imports = ['components', 'app'].flatMap(serverImports);

  test('components take types of the router from the server, never a value', () => {
    const values = imports.filter(
      ({ file, from, isType }) =>
        file.startsWith('components/') && !(isType && from.endsWith('/router.ts')),
    );
    expect(values).toEqual([]);
  });

  test('a client component of app takes no value of the server', () => {
    const values = imports.filter(({ isClient, isType }) => isClient && !isType);
    expect(values).toEqual([]);
  });

  test('app reaches the server through rest, router, context, auth and services alone', () => {
    const doors = /^#server\/(rest\/[\w-]+|router|context|auth|modules\/[\w-]+\/service)\.ts$/;
    expect(imports.filter(({ from }) => !doors.test(from))).toEqual([]);
  });

  test('a module reaches another through its service.ts alone, however the path is spelt', () => {
    const foreign = sourcesOf('server/modules').flatMap((file) => {
      const own = file.split('/')[2];
      return [...text(file).matchAll(/from '(#server\/modules\/|[./]+\/)([\w-]+)\/([\w./-]+)'/g)]
        .filter(([, , name, inner]) => isModule(name) && name !== own && inner !== 'service.ts')
        .map(([statement]) => `${file} ${statement}`);
    });
    expect(foreign).toEqual([]);
  });

  test('the media-service and the contract import nothing of the web process', () => {
    const files = ['contract', 'media-service/src', 'egress'].flatMap(sourcesOf);
    const bad = files.filter((file) => /from '(#server|#components|next|react)/.test(text(file)));
    expect(files.length).toBeGreaterThan(20);
    expect(bad).toEqual([]);
  });
});

function nameOf(kind: string, at: number, file: string): string {
  return file.replace(/x(\.tsx?)$/, `${kind}-${at}$1`);
}

function source(from: string): string {
  return `import { value } from '${from}';\n\nexport const used = value;\n`;
}

function write(path: string, content: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

function rulesAt(path: string): string[] {
  return diagnostics
    .filter(({ location }) => location.path === path)
    .map(({ category }) => category);
}

function isModule(name = ''): boolean {
  return existsSync(join(root, 'server/modules', name));
}

function text(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

function sourcesOf(room: string): string[] {
  const files = globSync(`${room}/**/*.{ts,tsx}`, { cwd: root });
  return files.filter((file) => !/\.test\.tsx?$|node_modules/.test(file));
}

function serverImports(room: string) {
  return sourcesOf(room).flatMap((file) => {
    const content = text(file);
    const isClient = /^\s*['"]use client['"]/.test(content);
    const matches = content.matchAll(
      /import\s+(type\s+)?[^'";]*from\s+'(#server\/[^']+|[./]+\/server\/[^']+)'/g,
    );
    return [...matches].map(([, type, from = '']) => ({
      file,
      from,
      isClient,
      isType: type !== undefined,
    }));
  });
}
