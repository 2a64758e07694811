import type { ActorRef } from '../../src/runtime/actor-ref.ts';
import type { TraceContext } from '../../src/runtime/envelope.ts';
import { marksIn } from '../../src/wire/marker.ts';
import type { Mailbox } from './mailbox.ts';
import type { StoredTexts } from './read-batch.ts';
import type { CacheState } from './state.ts';

/**
 * The keys that hold something. A namespace is cleared by its marker, and what it held stays where it is until it expires: so
 * what is stored at each of its keys must be looked at. Of all others the key is enough.
 */
export async function livingKeys(
  { memory, values }: Pick<CacheState, 'memory' | 'values'>,
  { breaker, mailbox }: { readonly breaker: ActorRef; readonly mailbox: Pick<Mailbox, 'fitting'> },
  keys: readonly string[],
  trace: TraceContext | undefined,
): Promise<readonly string[]> {
  if (values.namespaces.size === 0) return keys;
  const { markers } = memory;
  const doubtful = keys.filter((key) => markers.ofNamespace(key) !== undefined);
  const gone = new Set<string>();
  for (let from = 0, size = 0; from < doubtful.length; from += size) {
    // Whole values are read: no more of them than in any other batch.
    size = mailbox.fitting;
    const part = doubtful.slice(from, from + size);
    const theirs = [...new Set(part.flatMap((key) => markers.ofNamespace(key) ?? []))];
    const texts = await new Promise<StoredTexts>((resolve, reject) => {
      const asked = [...theirs.map(({ key }) => key), ...part];
      breaker.post({ type: 'circuit-breaker.read', keys: asked }, resolve, reject, {
        deadline: Number.POSITIVE_INFINITY,
        trace,
      });
    });
    for (const [at, marker] of theirs.entries()) {
      const marks = marksIn(texts[at] ?? '');
      if (marks !== undefined) marker.learn(marks);
    }
    for (const [at, key] of part.entries()) {
      const text = texts[theirs.length + at];
      if (text === null || (text !== undefined && markers.verdict(key, text) === 'invalidated'))
        gone.add(key);
    }
  }
  return keys.filter((key) => !gone.has(key));
}
