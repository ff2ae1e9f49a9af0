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
export {
  emitEvent,
  eventIdAt,
  maxReplays,
  replayDelivery,
  replayRange,
  sendTestEvent,
} from './events.ts';
export { rotateJobSecret } from './job-lane.ts';
export { toPublicEndpoint } from './schema.ts';
