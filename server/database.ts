import { Service } from 'electrodb';
import { env } from './env.ts';
import { accountEntity, identityEntity } from './modules/account/entity.ts';
import { apiKeyEntity, keyCountEntity, keySecretEntity } from './modules/api-key/entity.ts';
import { auditEventEntity } from './modules/audit/entity.ts';
import {
  billingDocumentEntity,
  billingEffectEntity,
  billingEntity,
  billingOrderEntity,
  documentSeriesEntity,
  ledgerEntryEntity,
} from './modules/billing/entity.ts';
import { idempotencyEntity } from './modules/idempotency/entity.ts';
import {
  keyUsageEntity,
  quotaEntity,
  requestLogEntity,
  usageEntity,
} from './modules/usage/entity.ts';
import { dynamo } from './platform/dynamo.ts';

/** Every stored thing, in one table: the table of contents of the database. */
function createDatabase() {
  const service = new Service(
    {
      account: accountEntity,
      identity: identityEntity,
      apiKey: apiKeyEntity,
      keySecret: keySecretEntity,
      keyCount: keyCountEntity,
      auditEvent: auditEventEntity,
      idempotency: idempotencyEntity,
      usage: usageEntity,
      quota: quotaEntity,
      keyUsage: keyUsageEntity,
      requestLog: requestLogEntity,
      billing: billingEntity,
      billingOrder: billingOrderEntity,
      billingDocument: billingDocumentEntity,
      documentSeries: documentSeriesEntity,
      ledgerEntry: ledgerEntryEntity,
      billingEffect: billingEffectEntity,
    },
    { client: dynamo(), table: env().DYNAMODB_TABLE },
  );
  // A copy: ElectroDB takes all that it finds in its own object for entities.
  return { ...service.entities, transaction: service.transaction };
}

let cached: ReturnType<typeof createDatabase> | undefined;

/** The entities, bound to the table. */
export function database() {
  cached ??= createDatabase();
  return cached;
}
