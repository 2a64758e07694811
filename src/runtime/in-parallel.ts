/**
 * Does something with each item, with at most `width` of them at a time: an item is taken when there is room for it, and no
 * sooner. Once one has failed no more are taken; rejects with that when those under way are finished.
 */
export async function inParallel<T>(
  items: Iterable<T> | AsyncIterable<T>,
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let running = 0;
  let failure: { readonly cause: unknown } | undefined;
  let onEnd: () => void = () => {};
  const ended = (): void => {
    running--;
    onEnd();
  };
  const below = async (limit: number): Promise<void> => {
    while (running >= limit) {
      await new Promise<void>((resolve) => {
        onEnd = resolve;
      });
    }
  };
  try {
    for await (const item of items) {
      running++;
      work(item)
        .catch((cause: unknown) => {
          failure ??= { cause };
        })
        .finally(ended);
      await below(width);
      if (failure !== undefined) break;
    }
  } finally {
    await below(1);
  }
  if (failure !== undefined) throw failure.cause;
}
