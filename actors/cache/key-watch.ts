import type { Write } from '../../src/tiers/tier.ts';
import { isMarker } from '../../src/wire/marker.ts';
import { HotKeys } from './hot-keys.ts';
import { LargeKeys } from './large-keys.ts';
import type { CacheMessage, HotKey, LargeKey } from './messages.ts';
import type { StoredTexts } from './read-batch.ts';
import type { Reader } from './reader.ts';

/** Watches which keys are asked for most and which hold most. There is none unless it is asked for, as it costs each read. */
export class KeyWatch {
  readonly #hot: HotKeys;
  readonly #large: LargeKeys;

  constructor(size: number) {
    this.#hot = new HotKeys(size);
    this.#large = new LargeKeys(size);
  }

  /** Counts the keys that a message asks for. */
  asked(message: CacheMessage): void {
    switch (message.type) {
      case 'cache.get':
      case 'cache.find':
      case 'cache.has':
      case 'cache.acquire':
        this.#hot.count(message.key);
        break;
      case 'cache.getMany':
      case 'cache.acquireMany':
        for (const key of message.keys) this.#hot.count(key);
        break;
      case 'cache.clear':
        this.#large.cleared(message.prefix ?? '');
        break;
      default:
    }
  }

  /** Sees a change. */
  changed(write: Write): void {
    if (write.op === 'set') this.#large.saw(write.key, write.stored.length);
    else if (write.op === 'delete') this.#large.gone(write.key);
  }

  /** Sees what Redis answered. */
  answered(readers: readonly Reader[], stored: StoredTexts | undefined): void {
    if (stored === undefined) return;
    for (const [at, { key }] of readers.entries()) {
      if (isMarker(key)) continue;
      const text = stored[at];
      if (text === null) this.#large.gone(key);
      else if (text !== undefined) this.#large.saw(key, text.length);
    }
  }

  report(): { readonly hotKeys: readonly HotKey[]; readonly largeKeys: readonly LargeKey[] } {
    return { hotKeys: this.#hot.top(), largeKeys: this.#large.top() };
  }
}
