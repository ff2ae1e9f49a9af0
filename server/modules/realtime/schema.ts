import { channelNameSchema, socketIdSchema } from '@nebula/contract/realtime';
import { z } from 'zod';

export const authorizeInput = z.strictObject({
  socket_id: socketIdSchema.describe('The id that the connection was greeted with.'),
  channel_name: channelNameSchema
    .optional()
    .describe('The channel to hear; without it the socket is signed in as the session or the key.'),
});

export const signatureSchema = z.object({
  auth: z.string().describe('Proof for this socket and this channel alone.'),
  channel_data: z
    .string()
    .optional()
    .describe('Who the caller is, as the others in a presence channel see it.'),
  user_data: z
    .string()
    .optional()
    .describe(
      'The session or the key that the socket is signed in as; it is closed when that ends.',
    ),
});
