export { listDeliveries } from './deliveries.ts';
export {
  createEndpoint,
  deleteEndpoint,
  listEndpoints,
  listLanes,
  maxEndpoints,
  rotateSecret,
  updateEndpoint,
} from './endpoints.ts';
export { startDeliveries } from './engine.ts';
export { emitEvent, replayDelivery, sendTestEvent } from './events.ts';
export { rotateJobSecret } from './job-lane.ts';
