'use client';

import { type PlanId, planIds, plans } from '@nebula/contract/plans';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTRPC } from '../trpc.tsx';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Field, Input, Select } from '../ui/field.tsx';

/** Gives an account a plan that nobody pays for, after a question and with a reason. */
export function ChangePlan({
  email,
  id,
  plan: current,
}: {
  email: string;
  id: string;
  plan: string;
}) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const [plan, setPlan] = useState(current as PlanId);
  const [reason, setReason] = useState('');
  const change = useMutation(
    trpc.adminUsers.changePlan.mutationOptions({
      onSuccess: () => cache.invalidateQueries({ queryKey: trpc.adminUsers.pathKey() }),
    }),
  );
  return (
    <>
      <Button kind="secondary" size="small" onClick={() => setAsking(true)}>
        Change plan
      </Button>
      <Confirm
        open={isAsking}
        onOpenChange={setAsking}
        title={`Change the plan of ${email}?`}
        action="Change plan"
        fields={
          <div className="grid gap-3">
            <Field htmlFor={`plan-${id}`} label="Plan">
              <Select
                id={`plan-${id}`}
                value={plan}
                onChange={(event) => setPlan(event.target.value as PlanId)}
              >
                {planIds.map((each) => (
                  <option key={each} value={each}>
                    {plans[each].name}
                  </option>
                ))}
              </Select>
            </Field>
            <Field
              htmlFor={`plan-reason-${id}`}
              label="Reason"
              hint="The owner reads it in a mail, and the audit log keeps it."
            >
              <Input
                id={`plan-reason-${id}`}
                maxLength={500}
                value={reason}
                onChange={(event) => setReason(event.target.value)}
              />
            </Field>
          </div>
        }
        onConfirm={() => change.mutateAsync({ id, plan, reason })}
      >
        The limits hold at once, and no money moves. An account that pays for its plan is refused:
        its owner cancels first.
      </Confirm>
    </>
  );
}
