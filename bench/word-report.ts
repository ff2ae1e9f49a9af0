import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { findLibreOffice } from './yardsticks/spawn-word.ts';

/**
 * Draws the documents of the word-to-pdf tests beside LibreOffice's pages of the same documents,
 * with what the tool reports as not kept: a page to look at, not a figure. Source: `npm run word-report`.
 */
const root = join(import.meta.dirname, '..');
const folder = join(root, '.data/word-report');
const documents = join(folder, 'documents');
const office = join(folder, 'office');
const shotWidth = 480;

type Kept = { test: string; warnings: { code: string; feature?: string; count?: number }[] };

rmSync(folder, { recursive: true, force: true });
mkdirSync(office, { recursive: true });
const tests = spawnSync('vitest', ['run', '--project', 'media', 'tools/word-to-pdf'], {
  cwd: root,
  env: { ...process.env, NEBULA_WORD_REPORT: documents },
  stdio: 'inherit',
});
const soffice = findLibreOffice();
if (soffice) convertAll(soffice);
else console.log('LibreOffice is not installed: the report shows our pages alone.');
const names = readdirSync(documents)
  .filter((file) => file.endsWith('.docx'))
  .map((file) => file.replace(/\.docx$/, ''));
writeFileSync(join(folder, 'index.html'), page(names.map(row).join('\n')));
console.log(`${names.length} documents: ${join(folder, 'index.html')}`);
process.exit(tests.status ?? 1);

function convertAll(program: string): void {
  const sources = readdirSync(documents).filter((file) => file.endsWith('.docx'));
  const profile = `-env:UserInstallation=file://${join(folder, 'profile')}`;
  const args = [profile, '--headless', '--convert-to', 'pdf', '--outdir', office, ...sources];
  execFileSync(program, args, { cwd: documents, stdio: 'ignore' });
}

/** Every page of a PDF as a picture beside the report. */
function shots(pdf: string): string {
  if (!existsSync(pdf)) return '<p>no page</p>';
  const target = `${pdf.slice(0, -'.pdf'.length)}-pages`;
  mkdirSync(target);
  const width = ['-scale-to-x', String(shotWidth), '-scale-to-y', '-1'];
  execFileSync('pdftoppm', ['-png', ...width, pdf, join(target, 'page')]);
  return readdirSync(target)
    .sort()
    .map((name) => `<img loading="lazy" alt="" src="${relative(folder, join(target, name))}">`)
    .join('');
}

function row(name: string): string {
  const kept = JSON.parse(readFileSync(join(documents, `${name}.json`), 'utf8')) as Kept;
  const lost = kept.warnings.map(({ code, count, feature }) =>
    [code, feature, count].filter(Boolean).join(' '),
  );
  const cells = [
    `<h2>${escapeHtml(kept.test)}</h2><p>${escapeHtml(lost.join(', ') || 'everything kept')}</p>`,
    shots(join(documents, `${name}.pdf`)),
    soffice ? shots(join(office, `${name}.pdf`)) : '<p>not installed</p>',
  ];
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
}

function page(rows: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>word-to-pdf beside LibreOffice</title>
<style>body{font:14px system-ui;margin:2rem}td{vertical-align:top;padding:.5rem}td:first-child{width:18rem}
h2{font-size:1rem}img{border:1px solid #ccc;width:${shotWidth}px}</style>
<h1>word-to-pdf beside LibreOffice</h1>
<table><tr><th>document</th><th>NebulaAPI</th><th>LibreOffice</th></tr>
${rows}
</table></html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
