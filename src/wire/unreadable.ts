/** Why a stored text is no value. */
export const UNREADABLE_REASONS = [
  'corrupt',
  'codec',
  'bound',
  'tampered',
  'unknown-key',
  'unsealed',
  'misfit',
] as const;
export type UnreadableReason = (typeof UNREADABLE_REASONS)[number];

/** Thrown while a text is read, and caught where it is counted: nobody outside hears of it. */
export class Unreadable extends Error {
  readonly reason: UnreadableReason;

  constructor(reason: UnreadableReason, options?: ErrorOptions) {
    super(reason, options);
    this.reason = reason;
  }
}

/** Why something could not be read, by what was thrown. */
export function reasonOf(error: unknown): UnreadableReason {
  if (error instanceof Unreadable) return error.reason;
  const beyond = error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
  return beyond ? 'bound' : 'corrupt';
}

/** A count of each. */
export function noneYet(): Record<UnreadableReason, number> {
  return { corrupt: 0, codec: 0, bound: 0, tampered: 0, 'unknown-key': 0, unsealed: 0, misfit: 0 };
}
