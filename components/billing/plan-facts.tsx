import { megabyte, type Plan } from '@nebula/contract/plans';
import { Check } from 'lucide-react';
import { formatRupees } from './money.ts';

const duration = (seconds: number) =>
  seconds >= 2 * 86_400 ? `${seconds / 86_400} days` : `${seconds / 3600} h`;

/** The name, the price and the limits of a plan. */
export function PlanFacts({ plan }: { plan: Plan }) {
  const facts = [
    `${plan.callsPerCycle.toLocaleString('en')} calls every 30 days`,
    `Files up to ${plan.maxInputBytes / megabyte} MB`,
    `${plan.requestsPerMinute.toLocaleString('en')} requests a minute`,
    plan.concurrentJobs === 1 ? '1 job at once' : `${plan.concurrentJobs} jobs at once`,
    `Videos may take ${plan.maxTimeoutSeconds / 60} minutes`,
    `Results kept for ${duration(plan.retentionSeconds)}`,
  ];
  return (
    <>
      <div>
        <h2 className="font-semibold">{plan.name}</h2>
        <p className="mt-1">
          <span className="text-3xl font-semibold tabular-nums">
            {formatRupees(plan.pricePaise)}
          </span>
          <span className="text-sm text-soft"> / 30 days</span>
        </p>
      </div>
      <ul className="grid gap-2 text-sm text-soft">
        {facts.map((fact) => (
          <li key={fact} className="flex gap-2">
            <Check className="mt-0.5 size-4 shrink-0 text-good" aria-hidden /> {fact}
          </li>
        ))}
      </ul>
    </>
  );
}
