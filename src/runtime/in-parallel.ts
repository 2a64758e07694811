/**
 * Does something with each item, with at most `width` of them at a time: an item is taken when there is room for it, and no
 * sooner. The first that fails fails all; those under way are finished, and no more are taken.
 */
export async function inParallel<T>(
  items: Iterable<T> | AsyncIterable<T>,
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let failed = false;
  let ended = false;
  const worker = async (): Promise<void> => {
    while (!failed && !ended) {
      try {
        const { done = false, value } = await iterator.next();
        if (done) ended = true;
        else await work(value);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: width }, worker));
  if (!ended) await iterator.return?.();
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}
