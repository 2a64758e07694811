/**
 * Guarantees that a checker can take away, one at a time, to prove that it would notice their loss. Nothing in the
 * package sets these, and nothing outside can: the module is not exported.
 */
export const switchedOff = {
  /** Replays overwrite whatever is there. */
  versions: false,
  /** A gap in the invalidations goes unnoticed by near caches. */
  epochs: false,
  /** Deletes and newer writes leave leases in force. */
  leaseVoiding: false,
};
