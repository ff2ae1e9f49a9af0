/** Frames and names of the Pusher Channels protocol, version 7. */
export type Frame = { event: string; channel?: string; data?: unknown };

export const activityTimeoutSeconds = 120;
export const maxEventBytes = 10 * 1024;
export const maxFrameBytes = 64 * 1024;
export const maxChannelsPerSocket = 100;

const channelName = /^(#server-to-user-)?[A-Za-z0-9_\-=@,.;]{1,164}$/;

export function isChannelName(name: unknown): name is string {
  return typeof name === 'string' && channelName.test(name);
}

export const isPresence = (name: string) => name.startsWith('presence-');
export const isPrivate = (name: string) => name.startsWith('private-') || isPresence(name);
export const isCache = (name: string) =>
  /^(private-|presence-|private-encrypted-)?cache-/.test(name);
export const isEncrypted = (name: string) => name.startsWith('private-encrypted-');

/** Codes of `pusher:error`; 4000 to 4099 end the connection for good. */
export const errorCodes = {
  unknownApp: 4001,
  overCapacity: 4100,
  badFrame: 4200,
  notAllowed: 4009,
  clientEvent: 4301,
} as const;

export function errorFrame(code: number, message: string): Frame {
  return { event: 'pusher:error', data: { code, message } };
}

/** Data travels as a text of JSON, but for `pusher:error`. */
export function encodeFrame({ channel, data, event }: Frame): string {
  const isPlain = event === 'pusher:error' || typeof data === 'string' || data === undefined;
  return JSON.stringify({ event, channel, data: isPlain ? data : JSON.stringify(data) });
}

export function decodeFrame(text: string): Frame | undefined {
  try {
    const frame = JSON.parse(text) as Frame;
    return typeof frame === 'object' && frame !== null && typeof frame.event === 'string'
      ? frame
      : undefined;
  } catch {
    return undefined;
  }
}
