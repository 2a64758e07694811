/** Why a stored text is no value. */
export const UNREADABLE_REASONS = ['corrupt', 'codec', 'bound', 'tampered', 'unknown-key', 'unsealed'] as const;
export type UnreadableReason = (typeof UNREADABLE_REASONS)[number];

/** Thrown while a text is read, and caught where it is counted: nobody outside hears of it. */
export class Unreadable extends Error {
  readonly reason: UnreadableReason;

  constructor(reason: UnreadableReason) {
    super(reason);
    this.reason = reason;
  }
}
