/** Pages that are found in one pass through all keys. */
const PAGES = 16;

interface Ahead {
  readonly prefix: string;
  readonly after: string;
  readonly keys: readonly string[];
  /** Whether nothing comes after them. */
  readonly complete: boolean;
}

/** Pages of keys in their order: each goes on after the last key of the one before, whatever happened between. */
export class KeyPages {
  /** What was found with the page before, and comes after it. */
  #ahead: Ahead = { prefix: '', after: '', keys: [], complete: false };

  /**
   * The next page after a key ('' for the first), and the key after which the one after that goes on; undefined at the end.
   * `all`: every key there is, in any order. What was found ahead and `isThere` no more is left out, so a page may be short.
   */
  page(
    prefix: string,
    after: string,
    count: number,
    all: () => Iterable<string>,
    isThere: (key: string) => boolean,
  ): { readonly keys: readonly string[]; readonly after: string | undefined } {
    let { keys: found, complete } = this.#ahead;
    const fits = this.#ahead.prefix === prefix && this.#ahead.after === after && after !== '';
    if (!fits || (found.length < count && !complete)) {
      const most = count * PAGES + 1;
      found = smallest(all(), prefix, after, most);
      complete = found.length < most;
    }
    const taken = found.slice(0, count);
    const rest = found.slice(count);
    const last = taken.at(-1) ?? '';
    this.#ahead = { prefix, after: last, keys: rest, complete };
    const over = complete && rest.length === 0;
    return { keys: taken.filter(isThere), after: over ? undefined : last };
  }
}

/** The least of the keys with a prefix that come after a key, in their order: `most` of them, without sorting all. */
function smallest(keys: Iterable<string>, prefix: string, after: string, most: number): string[] {
  let least: string[] = [];
  let bound: string | undefined;
  for (const key of keys) {
    if (key <= after || (bound !== undefined && key >= bound) || !key.startsWith(prefix)) continue;
    if (least.push(key) < 2 * most) continue;
    least = least.sort().slice(0, most);
    bound = least.at(-1);
  }
  return least.sort().slice(0, most);
}
