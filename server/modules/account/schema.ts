import type { PlanId } from '@nebula/contract/plans';

/** An account as other modules see it. */
export type Account = {
  id: string;
  email: string;
  name: string;
  role: 'user' | 'admin';
  plan: PlanId;
  isUnverified?: boolean;
  googleEmail?: string;
  isPasswordless?: boolean;
  /** How often a password was set; absent for never. */
  passwordGeneration?: number;
  isSuspended?: boolean;
  suspendedAt?: number;
  suspendedReason?: string;
  cycleAnchor: number;
  createdAt: number;
};

/** One spelling for one address: compatibility forms folded, spaces gone, lower case. */
export function canonicalEmail(email: string): string {
  return email.normalize('NFKC').trim().toLowerCase();
}
