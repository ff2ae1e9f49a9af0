import type { Message } from './mailbox.ts';

const style = `
  :root { color-scheme: light dark; --page: light-dark(#fbfbfd, #0d0d12); --surface: light-dark(#fff, #15151c);
    --line: light-dark(#e4e4ec, #2b2b37); --ink: light-dark(#16161d, #f1f1f6); --soft: light-dark(#5d5d6e, #a8a8ba); --accent: light-dark(#5145cd, #a39bff) }
  * { box-sizing: border-box }
  body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif }
  header { padding: 20px 24px; border-bottom: 1px solid var(--line) }
  h1 { margin: 0; font-size: 18px } h2 { margin: 0 0 4px; font-size: 20px }
  main { max-width: 860px; margin: 0 auto; padding: 24px }
  a { color: inherit; text-decoration: none } a:hover .subject { color: var(--accent) }
  .soft { color: var(--soft); font-size: 13px }
  .row { display: grid; grid-template-columns: 1fr auto; gap: 2px 16px; padding: 14px 18px; background: var(--surface); border: 1px solid var(--line); border-bottom: 0 }
  .row:first-child { border-radius: 12px 12px 0 0 } .row:last-child { border-bottom: 1px solid var(--line); border-radius: 0 0 12px 12px }
  .row:only-child { border-radius: 12px }
  .subject { font-weight: 600 } .empty { padding: 60px; text-align: center; border: 1px dashed var(--line); border-radius: 12px }
  iframe { width: 100%; height: 60vh; border: 1px solid var(--line); border-radius: 12px; background: #fff; margin-top: 16px }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: 16px; background: var(--surface); border: 1px solid var(--line); border-radius: 12px }
`;

/** The list of mails. */
export function listPage(messages: readonly Message[]): string {
  const rows = messages.map(
    ({ date, from, id, subject, to }) =>
      `<a class="row" href="/messages/${id}"><span class="subject">${escapeHtml(subject || '(no subject)')}</span><span class="soft">${escapeHtml(date.slice(0, 16).replace('T', ' '))}</span><span class="soft">${escapeHtml(from)} to ${escapeHtml(to)}</span></a>`,
  );
  const empty =
    '<p class="empty soft">No mail yet. Whatever the service sends on this machine lands here.</p>';
  return page('Mails', `<div>${rows.join('')}</div>${rows.length === 0 ? empty : ''}`);
}

/** One mail; its HTML runs no script and loads nothing of ours. */
export function messagePage(message: Message): string {
  const { attachments, from, headers, html, subject, text, to } = message;
  const files = attachments.map(({ filename, size }) => `${escapeHtml(filename)} (${size} bytes)`);
  return page(
    subject,
    `<p><a class="soft" href="/">← All mails</a></p><h2>${escapeHtml(subject || '(no subject)')}</h2>
    <p class="soft">From ${escapeHtml(from)} to ${escapeHtml(to)}</p>
    ${files.length > 0 ? `<p class="soft">Attached: ${files.join(', ')}</p>` : ''}
    ${html ? `<iframe title="HTML" sandbox srcdoc="${escapeHtml(html)}"></iframe>` : ''}
    <h3>Text</h3><pre>${escapeHtml(text)}</pre>
    <details><summary>Headers</summary><pre>${Object.entries(headers)
      .map(([name, value]) => escapeHtml(`${name}: ${value}`))
      .join('\n')}</pre></details>`,
  );
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title><style>${style}</style><header><h1><a href="/">Mail catcher</a></h1></header><main>${body}</main></html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
