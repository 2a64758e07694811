/**
 * Guarantees that a checker can take away, one at a time, to prove that it would notice their loss. Nothing in the
 * package sets these, and nothing outside can: the module is not exported.
 */
export interface FaultSwitch {
  /** Replays overwrite whatever is there. */
  versions: boolean;
  /** Deletions leave nothing behind that a late replay would meet. */
  tombstones: boolean;
  /** A gap in the invalidations goes unnoticed by near caches. */
  epochs: boolean;
  /** Deletes and newer writes leave leases in force. */
  leaseVoiding: boolean;
}

export const switchedOff: FaultSwitch = {
  versions: false,
  tombstones: false,
  epochs: false,
  leaseVoiding: false,
};
