import type { Problem } from './run-state.ts';

/** An error as the API tells it: what failed, which fields, and where the code is explained. */
export function ProblemView({ problem }: { problem: Problem }) {
  const { code, detail, errors = [], request_id, status, title } = problem;
  return (
    <div role="alert" className="grid gap-2 rounded-xl bg-bad-soft p-4 text-sm">
      <p className="font-medium text-bad">{title}</p>
      <p className="break-words">{detail}</p>
      {errors.length > 1 && (
        <ul className="list-inside list-disc">
          {errors.map(({ message, path }) => (
            <li key={path + message}>{message}</li>
          ))}
        </ul>
      )}
      <p className="flex flex-wrap gap-x-3 gap-y-1 text-xs text-soft">
        {status > 0 && <span className="font-mono">{status}</span>}
        {status > 0 ? (
          <a href={`/docs/errors#${code}`} className="font-mono underline underline-offset-4">
            {code}
          </a>
        ) : (
          <span className="font-mono">{code}</span>
        )}
        {request_id && <span className="font-mono break-all">{request_id}</span>}
      </p>
    </div>
  );
}
