import type { ChannelKind } from '@nebula/contract/realtime';
import type { Account } from '../account/service.ts';

/** Whether an account may hear a channel about the thing with this id. */
export type JoinRule = (account: Account, id: string) => boolean | Promise<boolean>;

const rules = new Map<ChannelKind, JoinRule>();

/**
 * The module that owns a thing says who may hear of it; it does so when it is loaded. A kind of
 * channel without a rule is refused to everybody.
 */
export function registerJoinRule(kind: ChannelKind, rule: JoinRule): void {
  rules.set(kind, rule);
}

/** What the owner of the kind says. */
export async function mayJoin(account: Account, kind: ChannelKind, id: string): Promise<boolean> {
  const rule = rules.get(kind);
  return rule !== undefined && (await rule(account, id));
}
