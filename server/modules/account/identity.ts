import type { database } from '../../database.ts';

type Write = ReturnType<typeof database>['transaction']['write'];
type Identity = Parameters<Parameters<Write>[0]>[0]['identity'];

/** A part of a transaction: nobody signs in that way with this address yet. */
export const isFree = (identity: Identity, provider: 'google' | 'password', email: string) =>
  identity
    .check({ provider, email })
    .where(({ createdAt }, { notExists }) => notExists(createdAt))
    .commit();
