import { logger } from './logger.ts';
import { redis } from './redis.ts';

/** What all processes tell each other; a hint that may be lost, and never the truth itself. */
export type Topic = {
  /** Tells all processes, this one too. Never throws. */
  tell: (text: string) => Promise<void>;
  /** Begins to hear; said again it changes nothing. */
  listen: () => void;
};

/**
 * Opens a topic in Redis. While Redis is down nothing is heard, and once it is back everything anew.
 *
 * @example
 * const topic = openTopic('accounts:changed', (id) => cache.delete(id));
 */
export function openTopic(name: string, hear: (text: string) => void): Topic {
  let isListening = false;
  return {
    tell: async (text) => {
      await redis()
        .publish(name, text)
        .catch((error: unknown) => logger().debug({ err: error, name }, 'a hint was not told'));
    },
    listen: () => {
      if (isListening) return;
      isListening = true;
      const { commandTimeout: _none, ...options } = redis().options;
      const subscriber = redis().duplicate({
        ...options,
        enableOfflineQueue: true,
        // The first connection may take its time; later ones subscribe again by themselves.
        maxRetriesPerRequest: null,
      });
      subscriber.on('error', (error) =>
        logger().debug({ err: error, name }, 'hints are not heard'),
      );
      subscriber.on('message', (_name, text) => hear(text));
      subscriber.subscribe(name).catch(() => {
        isListening = false;
        subscriber.disconnect();
      });
    },
  };
}
