export { listDeliveries } from './deliveries.ts';
export {
  createEndpoint,
  deleteEndpoint,
  listEndpoints,
  maxEndpoints,
  rotateSecret,
  updateEndpoint,
} from './endpoints.ts';
export { startDeliveries } from './engine.ts';
export { emitEvent, replayDelivery, sendTestEvent } from './events.ts';
