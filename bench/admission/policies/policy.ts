/** What a policy may hold at the most. */
export interface Bounds {
  readonly entries: number;
  /** `Infinity` where only entries count. */
  readonly bytes: number;
}

/** Decides which keys a cache holds. Values are left out: they change nothing about that. */
export interface Policy {
  /**
   * Asks for a key, and enters it where it was missing; what is heavier than the whole cache stays out.
   *
   * @param bytes weight of the key's value, the same one at each access
   * @returns whether it was held
   */
  access(key: string, bytes: number): boolean;
  /** Whether it is held; changes nothing. */
  has(key: string): boolean;
  readonly size: number;
  readonly bytes: number;
}

/** A part of the bounds, with room for an entry or more. */
export function shareOf({ entries, bytes }: Bounds, share: number): Bounds {
  return { entries: Math.max(1, Math.floor(entries * share)), bytes: bytes * share };
}
