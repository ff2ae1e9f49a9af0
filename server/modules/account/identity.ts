import type { database } from '../../database.ts';

type Write = ReturnType<typeof database>['transaction']['write'];
type Entities = Parameters<Parameters<Write>[0]>[0];
type Identity = Entities['identity'];

/** A part of a transaction: nobody signs in that way with this address yet. */
export const isFree = (identity: Identity, provider: 'google' | 'password', email: string) =>
  identity
    .check({ provider, email })
    .where(({ createdAt }, { notExists }) => notExists(createdAt))
    .commit();

/** A part of a transaction: the account is there, so what is written with it has an owner. */
export const isThere = (account: Entities['account'], id: string) =>
  account
    .check({ id })
    .where(({ createdAt }, { exists }) => exists(createdAt))
    .commit();
