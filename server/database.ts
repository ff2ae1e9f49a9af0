import { Service } from 'electrodb';
import { env } from './env.ts';
import { accountEntity, identityEntity } from './modules/account/entity.ts';
import { apiKeyEntity, keyCountEntity, keySecretEntity } from './modules/api-key/entity.ts';
import { auditEventEntity } from './modules/audit/entity.ts';
import { mailTokenEntity, ownerDeviceEntity, ownerPlaceEntity } from './modules/auth/entity.ts';
import {
  billingChargeEntity,
  billingDocumentEntity,
  billingEffectEntity,
  billingEntity,
  billingMandateEntity,
  billingOrderEntity,
  documentSeriesEntity,
  ledgerEntryEntity,
} from './modules/billing/entity.ts';
import { fileEntity } from './modules/file/entity.ts';
import { idempotencyEntity } from './modules/idempotency/entity.ts';
import { batchEntity } from './modules/job/batch/entity.ts';
import { jobEntity } from './modules/job/entity.ts';
import { pipelineEntity } from './modules/job/pipeline/entity.ts';
import { mailTemplateEntity } from './modules/mail/entity.ts';
import { notificationEntity, notificationSettingsEntity } from './modules/notification/entity.ts';
import { outboxMailEntity, outboxPushEntity } from './modules/outbox/entity.ts';
import { pushSubscriptionEntity } from './modules/push/entity.ts';
import { realtimeEventEntity } from './modules/realtime/entity.ts';
import { sessionEntity } from './modules/session/entity.ts';
import {
  cannedReplyEntity,
  conversationEntity,
  conversationOwnerEntity,
  messageEntity,
  messageSendEntity,
  operatorPresenceEntity,
} from './modules/support/entity.ts';
import {
  keyUsageEntity,
  quotaEntity,
  requestLogEntity,
  usageAlertEntity,
  usageEntity,
} from './modules/usage/entity.ts';
import {
  webhookDeliveryEntity,
  webhookEndpointCountEntity,
  webhookEndpointEntity,
} from './modules/webhook/entity.ts';
import { dynamo } from './platform/dynamo.ts';

/** Every stored thing, in one table: the table of contents of the database. */
function createDatabase() {
  const service = new Service(
    {
      account: accountEntity,
      identity: identityEntity,
      session: sessionEntity,
      mailToken: mailTokenEntity,
      ownerDevice: ownerDeviceEntity,
      ownerPlace: ownerPlaceEntity,
      outboxMail: outboxMailEntity,
      outboxPush: outboxPushEntity,
      mailTemplate: mailTemplateEntity,
      realtimeEvent: realtimeEventEntity,
      apiKey: apiKeyEntity,
      keySecret: keySecretEntity,
      keyCount: keyCountEntity,
      auditEvent: auditEventEntity,
      idempotency: idempotencyEntity,
      job: jobEntity,
      batch: batchEntity,
      pipeline: pipelineEntity,
      file: fileEntity,
      usage: usageEntity,
      usageAlert: usageAlertEntity,
      quota: quotaEntity,
      keyUsage: keyUsageEntity,
      requestLog: requestLogEntity,
      billing: billingEntity,
      billingMandate: billingMandateEntity,
      billingCharge: billingChargeEntity,
      billingOrder: billingOrderEntity,
      billingDocument: billingDocumentEntity,
      documentSeries: documentSeriesEntity,
      ledgerEntry: ledgerEntryEntity,
      billingEffect: billingEffectEntity,
      notification: notificationEntity,
      notificationSettings: notificationSettingsEntity,
      pushSubscription: pushSubscriptionEntity,
      conversation: conversationEntity,
      conversationOwner: conversationOwnerEntity,
      message: messageEntity,
      messageSend: messageSendEntity,
      cannedReply: cannedReplyEntity,
      operatorPresence: operatorPresenceEntity,
      webhookEndpoint: webhookEndpointEntity,
      webhookEndpointCount: webhookEndpointCountEntity,
      webhookDelivery: webhookDeliveryEntity,
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
