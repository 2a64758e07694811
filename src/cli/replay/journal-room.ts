import { DEFAULTS } from '../../config/defaults.ts';

/** Estimated bytes of an entry of the journal beside its value, for a key of ordinary length. */
const BESIDE = 500;
/** The rest is for what comes between the end of an outage and its discovery. */
const USED = 0.6;

/** How many new values of this size an outage may bring before the journal would have to refuse one. */
export function journalRoom(valueSize: number): number {
  const { maxEntries, maxBytes } = DEFAULTS.journal;
  return Math.floor(USED * Math.min(maxEntries, maxBytes / (BESIDE + 2 * valueSize)));
}
