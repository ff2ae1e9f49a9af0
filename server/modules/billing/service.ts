/** What other rooms may ask of billing. */
export { listPayments, refundByOperator } from './admin-refunds.ts';
export { nameBuyer, readBuyer } from './buyer.ts';
export {
  type Checkout,
  choosePlan,
  confirmOrder,
  confirmOwnOrder,
  findOwnOrder,
  previewPlan,
  readBilling,
  startCheckout,
} from './checkout.ts';
export { closeBilling } from './close-billing.ts';
export {
  confirmDispute,
  listDisputes,
  listOpenDisputes,
  type OpenDispute,
} from './disputes.ts';
export { givePlan } from './give-plan.ts';
export { findDocument, listDocuments, printPdf } from './invoices.ts';
export {
  cancelMandate,
  confirmMandate,
  confirmOwnMandate,
  type MandateStart,
  startMandate,
} from './mandates.ts';
export { checkoutMode } from './provider.ts';
export { billingRounds, passTime, runBilling } from './sweep.ts';
export { receiveWebhook } from './webhook.ts';
