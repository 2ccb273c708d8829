import type { Channel } from 'node:diagnostics_channel';

/**
 * Subscribes to a channel; every subscriber of the product is made here. Node rethrows what a subscriber throws as an uncaught exception
 * (https://nodejs.org/api/diagnostics_channel.html#channelpublishmessage), so that a log that stumbles would end the process: what
 * `listener` throws goes to `onFailure` instead, and what that throws goes nowhere.
 * @param listener takes the channel at its docstring's word: a channel cannot be typed
 * @returns ends the subscription
 */
export function listen<Message>(
  channel: Channel,
  listener: (message: Message) => void,
  onFailure: (thrown: unknown, channel: Channel) => void,
): () => void {
  const onMessage = (message: unknown): void => {
    try {
      listener(message as Message);
    } catch (thrown) {
      try {
        onFailure(thrown, channel);
      } catch {
        // There is no one left to tell.
      }
    }
  };
  channel.subscribe(onMessage);
  return () => {
    channel.unsubscribe(onMessage);
  };
}
