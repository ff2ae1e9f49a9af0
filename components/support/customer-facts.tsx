import { Badge, Card } from '../ui/card.tsx';
import { Time } from '../ui/time.tsx';

/** Who asks, as the operators may see it. */
export type Customer = {
  name: string;
  email: string;
  plan: string;
  created_at: string;
  quota: { limit: number; remaining: number };
  calls: { id: string; tool: string; status: number; code: string | null; at: string }[];
};

/** The plan and the last calls of a customer. */
export function CustomerFacts({ customer, email }: { customer: Customer | null; email: string }) {
  if (!customer)
    return (
      <Card aria-label="Customer" className="text-sm text-soft">
        The account of {email} was deleted.
      </Card>
    );
  const { calls, created_at, name, plan, quota } = customer;
  return (
    <Card aria-label="Customer" className="grid gap-4 text-sm">
      <div className="grid gap-1">
        <h2 className="font-medium">{name}</h2>
        <p className="break-all text-soft">{email}</p>
        <p className="flex items-center gap-2 text-soft">
          <Badge>{plan}</Badge> since <Time at={created_at} />
        </p>
        <p className="text-soft">
          {quota.remaining} of {quota.limit} calls left
        </p>
      </div>
      <div className="grid gap-1">
        <h3 className="font-medium">Last calls</h3>
        {calls.length === 0 ? (
          <p className="text-soft">None yet.</p>
        ) : (
          <ul className="grid gap-1 text-xs">
            {calls.map(({ at, code, id, status, tool }) => (
              <li key={id} className="flex flex-wrap items-center gap-x-2">
                <span>{tool}</span>
                <Badge tone={status < 400 ? 'good' : 'bad'}>{code ?? status}</Badge>
                <span className="ml-auto text-soft">
                  <Time at={at} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Card>
  );
}
