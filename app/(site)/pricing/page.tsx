import { plans } from '@nebula/contract/plans';
import type { Metadata } from 'next';
import { PlanFacts } from '#components/billing/plan-facts.tsx';
import { ButtonLink } from '#components/ui/button.tsx';
import { Card } from '#components/ui/card.tsx';

export const metadata: Metadata = {
  title: 'Pricing',
  description: 'Three plans, every tool in each of them. Change or cancel at any time.',
};

export default function PricingPage() {
  return (
    <main className="mx-auto max-w-6xl px-4 py-14 sm:px-6">
      <h1 className="text-4xl font-semibold">Pricing</h1>
      <p className="mt-3 max-w-2xl text-lg leading-relaxed text-soft">
        Every tool is in every plan. A run that fails costs nothing, and the same call with the same
        Idempotency-Key is billed once.
      </p>
      <div className="mt-10 grid gap-4 lg:grid-cols-3">
        {Object.values(plans).map((plan) => (
          <Card key={plan.id} className="grid content-start gap-5">
            <PlanFacts plan={plan} />
            <ButtonLink
              href={plan.pricePaise === 0 ? '/register' : '/dashboard/billing'}
              kind={plan.id === 'pro' ? 'primary' : 'secondary'}
            >
              {plan.pricePaise === 0 ? 'Begin for nothing' : `Choose ${plan.name}`}
            </ButtonLink>
          </Card>
        ))}
      </div>
      <p className="mt-8 max-w-2xl text-sm leading-relaxed text-soft">
        An upgrade counts at once, and what is left of the cycle before is taken off its price, to
        the second. A cheaper plan begins with the next cycle. When a payment fails we try again for
        a week; after that the limits of Free hold, and nothing is deleted.
      </p>
    </main>
  );
}
