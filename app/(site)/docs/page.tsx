import type { Metadata } from 'next';
import Link from 'next/link';
import { DocsShell } from '#components/site/docs-shell.tsx';
import { Badge } from '#components/ui/card.tsx';
import { CodeBlock } from '#components/ui/code.tsx';
import { highlight } from '#components/ui/highlight.ts';

export const metadata: Metadata = {
  title: 'Getting started',
  description: 'A key, a first call, what comes back, errors and limits.',
};

const firstCall = `curl https://your-nebula.example/api/v1/tools/html-to-pdf \\
  -H "Authorization: Bearer $NEBULA_KEY" \\
  -F file=@invoice.html \\
  -o invoice.pdf`;

const asJson = `curl https://your-nebula.example/api/v1/tools/image-resize \\
  -H "Authorization: Bearer $NEBULA_KEY" \\
  -H "Accept: application/json" \\
  -F url=https://example.com/photo.jpg \\
  -F width=800`;

const problem = `{
  "type": "https://your-nebula.example/docs/errors#invalid_input",
  "title": "Invalid input",
  "status": 422,
  "detail": "Expected scale between 0.1 and 2, received 9.",
  "code": "invalid_input",
  "param": "scale",
  "retryable": false,
  "request_id": "req_01JD…",
  "errors": [
    {
      "path": "scale",
      "message": "Expected scale between 0.1 and 2, received 9.",
      "expected": "between 0.1 and 2",
      "received": 9
    }
  ]
}`;

export default async function DocsPage() {
  const [first, json, error] = await highlight([
    { label: 'cURL', code: firstCall },
    { label: 'cURL', code: asJson },
    { label: 'JSON', code: problem },
  ]);
  return (
    <DocsShell>
      <article className="grid gap-5 leading-relaxed text-soft [&_h2]:mt-6 [&_h2]:text-xl [&_h2]:font-semibold [&_h2]:text-ink">
        <h1 className="text-3xl font-semibold text-ink">Getting started</h1>
        <p>
          Every tool is one address: <Badge>POST /api/v1/tools/&#123;tool&#125;</Badge>. Its options
          stand at the top level of a JSON body, or are form fields beside the file.
        </p>
        <h2>A first call</h2>
        <p>
          Send an API key as <Badge>Authorization: Bearer nb_live_…</Badge> or{' '}
          <Badge>X-API-Key</Badge>. The answer is the converted file.
        </p>
        <p>
          A test key, <Badge>nb_test_…</Badge>, is for trying things: ten calls a minute, nothing is
          billed, and every page, picture and video that it makes is marked TEST.
        </p>
        <CodeBlock code={firstCall} lines={first?.lines} label="the first call" />
        <h2>Ways in</h2>
        <p>
          A file part; <Badge>url</Badge> with a public address; <Badge>data</Badge> with base64 up
          to 1 MB; or the file as the raw body with its own <Badge>Content-Type</Badge> and the
          options in the query, which is the fastest way. Exactly one of them.
        </p>
        <h2>Ways out</h2>
        <p>
          One output is the bytes themselves; several are a ZIP. Facts about the run are in headers:{' '}
          <Badge>X-Nebula-Run-Ms</Badge>, <Badge>X-Nebula-Pages</Badge>,{' '}
          <Badge>X-Nebula-Warnings</Badge> and others. Ask for JSON, and the outputs are stored as
          long as the plan keeps them, with addresses that work for 15 minutes.
        </p>
        <CodeBlock code={asJson} lines={json?.lines} label="the call that asks for JSON" />
        <h2>Errors</h2>
        <p>
          Every error is <Badge>application/problem+json</Badge> with a code from{' '}
          <Link className="text-accent underline underline-offset-4" href="/docs/errors">
            one table
          </Link>
          , and names each wrong field.
        </p>
        <CodeBlock code={problem} lines={error?.lines} label="the error" />
        <h2>Nothing silent</h2>
        <p>
          What a tool clamps, substitutes or leaves out is a warning with a code. With{' '}
          <Badge>strict=true</Badge> a warning is an error, and nothing is charged.
        </p>
        <h2>Repeats are safe, and free</h2>
        <p>
          Send <Badge>Idempotency-Key</Badge> with a key of your own, and send the same request
          again when no answer has come: it is run and charged once, and for 24 hours every equal
          request gets the same answer with <Badge>Idempotency-Replayed: true</Badge>. After a 500
          or 503 it goes on with the job or batch that the first one has begun. While the first is
          running the others get a 409; another body under the same key is a 422.
        </p>
        <p>
          Without a key, the same file with the same options gives the kept result byte for byte,{' '}
          <Badge>X-Cache: hit</Badge>, at no charge, as long as the plan keeps outputs. A job is
          such a repeat too: it is over at once, with files of its own, and says so in{' '}
          <Badge>cache</Badge>. Jobs of several steps, batches and results that go to an address of
          yours are always made. <Badge>cache=false</Badge> has any result made anew.
        </p>
        <h2>Many files</h2>
        <p>
          Tools that take several files take parts of the same name, or in JSON a list in which each
          file is <Badge>{`{"url": "…"}`}</Badge> or <Badge>{`{"data": "…"}`}</Badge>.
        </p>
        <h2>Limits</h2>
        <p>
          Each answer says where you stand: <Badge>X-RateLimit-Remaining</Badge> and{' '}
          <Badge>X-Quota-Remaining</Badge>. After a 429 or 503, wait as many seconds as{' '}
          <Badge>Retry-After</Badge> says. The runs that a plan allows at once are counted too: a
          direct call waits ten seconds for its turn, a job as long as it has to.
        </p>
      </article>
    </DocsShell>
  );
}
