/** What other rooms may ask of billing. */
export {
  type Checkout,
  choosePlan,
  confirmOrder,
  confirmOwnOrder,
  previewPlan,
  readBilling,
  runBilling,
  startCheckout,
} from './checkout.ts';
export { receiveWebhook } from './webhook.ts';
