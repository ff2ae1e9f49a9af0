/** A call as the form describes it, before it is put into a language. */
export type SampleCall = {
  /** Origin of the API, e.g. `https://nebula.example`. */
  origin: string;
  tool: string;
  /** Whether the call has to say that it waits for the result. */
  isLong?: boolean;
  /** The file parts, where the call has some. */
  files?: { field: string; name: string }[];
  /** Options that differ from their default, with the text sources. */
  fields: Record<string, unknown>;
  /** Where the samples write the answer. */
  output?: string;
  /** Shown instead of a real key. */
  apiKey?: string;
};

/** Form fields of a call: scalars as text, nested objects as `margin[top]`, lists as JSON. */
export function toFormFields(fields: Record<string, unknown>): [name: string, value: string][] {
  return Object.entries(fields).flatMap(([name, value]) => flatten(name, value));
}

function flatten(name: string, value: unknown): [string, string][] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return [[name, JSON.stringify(value)]];
  if (typeof value !== 'object') return [[name, String(value)]];
  return Object.entries(value).flatMap(([key, inner]) => flatten(`${name}[${key}]`, inner));
}

/** The same call in the languages that people ask for most. */
export function codeSamples(call: SampleCall): { label: string; code: string }[] {
  return [
    { label: 'cURL', code: curl(call) },
    { label: 'TypeScript', code: typescript(call) },
    { label: 'Python', code: python(call) },
    { label: 'PHP', code: php(call) },
  ];
}

const address = ({ origin, tool }: SampleCall) => `${origin}/api/v1/tools/${tool}`;
const keyOf = ({ apiKey }: SampleCall) => apiKey ?? '$NEBULA_KEY';
const filesOf = ({ files = [] }: SampleCall) => files;
/** As long as a call may wait: what takes longer is answered with a job. */
const prefer = 'wait=60';
const outputName = ({ output = 'output' }: SampleCall) => output;

function curl(call: SampleCall): string {
  const lines = [`curl ${shell(address(call))}`, `-H "Authorization: Bearer ${keyOf(call)}"`];
  if (call.isLong) lines.push(`-H "Prefer: ${prefer}"`);
  for (const { field, name } of filesOf(call))
    lines.push(`-F ${shell(`${field}=@${curlFile(name)}`)}`);
  for (const [name, value] of toFormFields(call.fields))
    lines.push(`--form-string ${shell(`${name}=${value}`)}`);
  lines.push(`-o ${shell(outputName(call))}`);
  return lines.join(' \\\n  ');
}

/** Bare, `;` and `,` in a name would be signs of curl's own. */
const curlFile = (name: string) =>
  /[;,"\\]/.test(name) ? `"${name.replace(/["\\]/g, '\\$&')}"` : name;

/** A word of the shell, quoted where it has to be. */
export const shell = (text: string) =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

function typescript(call: SampleCall): string {
  const fields = toFormFields(call.fields);
  const quote = (text: string) => JSON.stringify(text);
  return [
    ...(filesOf(call).length > 0 ? ["import { openAsBlob } from 'node:fs';", ''] : []),
    'const form = new FormData();',
    ...filesOf(call).map(
      ({ field, name }) =>
        `form.append(${quote(field)}, await openAsBlob(${quote(name)}), ${quote(name)});`,
    ),
    ...fields.map(([name, value]) => `form.append(${quote(name)}, ${quote(value)});`),
    '',
    `const response = await fetch(${quote(address(call))}, {`,
    "  method: 'POST',",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the reader's own template.
    `  headers: { Authorization: ${'`Bearer ${process.env.NEBULA_KEY}`'}${call.isLong ? `, Prefer: ${quote(prefer)}` : ''} },`,
    '  body: form,',
    '});',
    'if (!response.ok) throw new Error((await response.json()).detail);',
    'const output = Buffer.from(await response.arrayBuffer());',
  ].join('\n');
}

function python(call: SampleCall): string {
  const fields = toFormFields(call.fields).map(
    ([name, value]) => `        ${JSON.stringify(name)}: ${JSON.stringify(value)},`,
  );
  const parts = filesOf(call).map(
    ({ field, name }) => `(${JSON.stringify(field)}, open(${JSON.stringify(name)}, "rb"))`,
  );
  const upload = parts.length > 0 ? [`    files=[${parts.join(', ')}],`] : [];
  return [
    'import os, requests',
    '',
    'response = requests.post(',
    `    ${JSON.stringify(address(call))},`,
    `    headers={"Authorization": f"Bearer {os.environ['NEBULA_KEY']}"${call.isLong ? `, "Prefer": "${prefer}"` : ''}},`,
    ...upload,
    ...(fields.length > 0 ? ['    data={', ...fields, '    },'] : []),
    ')',
    'response.raise_for_status()',
    `open(${JSON.stringify(outputName(call))}, "wb").write(response.content)`,
  ].join('\n');
}

function php(call: SampleCall): string {
  const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const fields = toFormFields(call.fields).map(
    ([name, value]) => `    ${quote(name)} => ${quote(value)},`,
  );
  const isRepeated = (field: string) =>
    filesOf(call).filter((each) => each.field === field).length > 1;
  const upload = filesOf(call).map(({ field, name }, at) => {
    const key = isRepeated(field) ? `${field}[${at}]` : field;
    return `    ${quote(key)} => new CURLFile(${quote(name)}),`;
  });
  return [
    `$request = curl_init(${quote(address(call))});`,
    'curl_setopt_array($request, [',
    '  CURLOPT_RETURNTRANSFER => true,',
    `  CURLOPT_HTTPHEADER => ['Authorization: Bearer ' . getenv('NEBULA_KEY')${call.isLong ? `, 'Prefer: ${prefer}'` : ''}],`,
    '  CURLOPT_POSTFIELDS => [',
    ...upload,
    ...fields,
    '  ],',
    ']);',
    `file_put_contents(${quote(outputName(call))}, curl_exec($request));`,
  ].join('\n');
}
