import { channelNameSchema, socketIdSchema } from '@nebula/contract/realtime';
import { z } from 'zod';

export const authorizeInput = z.strictObject({
  socket_id: socketIdSchema.describe('The id that the connection was greeted with.'),
  channel_name: channelNameSchema.describe('The channel to hear.'),
});

export const signatureSchema = z.object({
  auth: z.string().describe('Proof for this socket and this channel alone.'),
  channel_data: z
    .string()
    .optional()
    .describe('Who the caller is, as the others in a presence channel see it.'),
});
