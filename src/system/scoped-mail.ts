import type { CacheMessage } from '../../actors/cache/messages.ts';
import type { PostOptions } from '../runtime/actor-ref.ts';
import type { TraceContext } from '../runtime/envelope.ts';
import { checkKey } from '../wire/keys.ts';
import type { CacheMail } from './cache-mail.ts';

/** The way to the cache actor for those whose keys all begin with a prefix of which they know nothing. */
export class ScopedMail implements CacheMail {
  readonly #mail: CacheMail;
  readonly #prefix: string;

  constructor(mail: CacheMail, prefix: string) {
    this.#mail = mail;
    this.#prefix = prefix;
  }

  get capacity(): number {
    return this.#mail.capacity;
  }

  send(message: CacheMessage, trace?: TraceContext): void {
    this.#mail.send(this.#within(message), trace);
  }

  post(
    message: CacheMessage,
    resolve: (reply: never) => void,
    reject: (error: unknown) => void,
    options?: PostOptions,
  ): void {
    let scoped: CacheMessage;
    try {
      scoped = this.#within(message);
    } catch (error) {
      reject(error);
      return;
    }
    const answered = (reply: unknown): void => resolve(this.#without(message.type, reply) as never);
    this.#mail.post(scoped, answered, reject, options);
  }

  ask<Reply>(message: CacheMessage, options?: PostOptions): Promise<Reply> {
    return new Promise<Reply>((resolve, reject) => this.post(message, resolve, reject, options));
  }

  /** The same message about the keys within. What is no key is refused here, as it would be one behind the prefix. */
  #within(message: CacheMessage): CacheMessage {
    if ('key' in message) return { ...message, key: this.#key(message.key) };
    if ('keys' in message) {
      // Anything else is left for the actor to refuse.
      return Array.isArray(message.keys) ? { ...message, keys: message.keys.map(this.#key) } : message;
    }
    if ('entries' in message) {
      const entries = message.entries.map((entry) => ({ ...entry, key: this.#key(entry.key) }));
      return { ...message, entries };
    }
    if (message.type === 'cache.clear' || message.type === 'cache.keys') {
      const { prefix = '' } = message;
      return { ...message, prefix: prefix === '' ? this.#prefix : this.#key(prefix) };
    }
    // A message that has keys elsewhere must not get past here. Tags are everybody's.
    const keyless: Extract<
      CacheMessage,
      { type: 'cache.stats' | 'cache.invalidateTags' | 'cache.expireTags' }
    > = message;
    return keyless;
  }

  /** The reply as it is told within. */
  #without(type: CacheMessage['type'], reply: unknown): unknown {
    if (type === 'cache.getMany' && Array.isArray(reply))
      return reply.map(([key, value]) => [this.#inner(key), value]);
    if (type === 'cache.keys' && typeof reply === 'object' && reply !== null && 'keys' in reply)
      return { ...reply, keys: Array.isArray(reply.keys) ? reply.keys.map(this.#inner) : [] };
    return reply;
  }

  readonly #key = (key: string): string => {
    checkKey(key);
    return this.#prefix + key;
  };

  readonly #inner = (key: string): string => key.slice(this.#prefix.length);
}
