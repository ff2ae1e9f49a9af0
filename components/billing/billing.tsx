'use client';

import { type PlanId, plans } from '@nebula/contract/plans';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { Badge, Card } from '../ui/card.tsx';
import { PageHeader } from '../ui/page-header.tsx';
import { Time } from '../ui/time.tsx';
import { BillingDetails } from './billing-details.tsx';
import { ChangeDialog } from './change-dialog.tsx';
import { Disputes } from './disputes.tsx';
import { Invoices } from './invoices.tsx';
import { formatRupees } from './money.ts';
import { PaymentMethod } from './payment-method.tsx';
import { PlanFacts } from './plan-facts.tsx';
import { MandateNotice, OrderNotice } from './return-notice.tsx';

/** The plan, what a change would cost, how it is paid, and the invoices. */
export function Billing({ mandateId, orderId }: { mandateId?: string; orderId?: string }) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const billing = useQuery(trpc.billing.current.queryOptions());
  const [chosen, setChosen] = useState<PlanId | 'unpaid'>();
  useEffect(() => {
    if (orderId || mandateId) window.history.replaceState(null, '', '/dashboard/billing');
  }, [mandateId, orderId]);
  const readAgain = () => void cache.invalidateQueries({ queryKey: trpc.billing.pathKey() });
  return (
    <>
      <PageHeader title="Billing">
        Your plan renews every 30 days. An upgrade counts at once; a cheaper plan begins with the
        next cycle.
      </PageHeader>
      {orderId && <OrderNotice id={orderId} onSettled={readAgain} />}
      {mandateId && <MandateNotice id={mandateId} onSettled={readAgain} />}
      {billing.error?.data?.code === 'CONFLICT' ? (
        <Alert>{billing.error.message}</Alert>
      ) : (
        <QueryView query={billing} height="h-80">
          {({ cycle_end, next_plan, plan, renews_automatically, unpaid_invoice }) => (
            <>
              {unpaid_invoice && (
                <Alert kind="bad" className="flex flex-wrap items-center justify-between gap-3">
                  An invoice of {formatRupees(unpaid_invoice.amount)} is not paid. We try again for
                  a week; then the limits of Free hold.
                  <Button size="small" onClick={() => setChosen('unpaid')}>
                    Pay now
                  </Button>
                </Alert>
              )}
              <p className="text-sm text-soft">
                {next_plan === plan ? (
                  <>
                    {plans[plan].name} renews <Time at={cycle_end} />.
                  </>
                ) : (
                  <>
                    {plans[plan].name} ends <Time at={cycle_end} />; then {plans[next_plan].name}{' '}
                    begins.
                  </>
                )}
              </p>
              <div className="grid gap-4 xl:grid-cols-3">
                {Object.values(plans).map((each) => (
                  <Card key={each.id} className="grid content-start gap-5">
                    <PlanFacts plan={each} />
                    {each.id === plan && (
                      <Badge tone="good" className="justify-self-start">
                        your plan
                      </Badge>
                    )}
                    {each.id === next_plan && each.id !== plan && (
                      <Badge tone="warn" className="justify-self-start">
                        from the next cycle
                      </Badge>
                    )}
                    {each.id !== next_plan && (
                      <Button
                        kind={each.pricePaise > plans[plan].pricePaise ? 'primary' : 'secondary'}
                        onClick={() => setChosen(each.id)}
                      >
                        {wordFor(each.id, plan)}
                      </Button>
                    )}
                  </Card>
                ))}
              </div>
              <div className="grid items-start gap-4 xl:grid-cols-2">
                <PaymentMethod isAutomatic={renews_automatically} isFree={plan === 'free'} />
                <BillingDetails />
              </div>
            </>
          )}
        </QueryView>
      )}
      <Disputes />
      <Invoices />
      {chosen && <ChangeDialog choice={chosen} onClose={() => setChosen(undefined)} />}
    </>
  );
}

function wordFor(wanted: PlanId, current: PlanId): string {
  const { name, pricePaise } = plans[wanted];
  if (wanted === current) return `Keep ${name}`;
  if (pricePaise === 0) return 'Cancel the subscription';
  return pricePaise > plans[current].pricePaise ? `Upgrade to ${name}` : `Change to ${name}`;
}
