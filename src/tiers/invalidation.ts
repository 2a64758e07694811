/** How a process hears of changes: from the server, which tracks all of them; or from those that make them. */
export type InvalidationMode = 'tracking' | 'pubsub';

/** Told in the order in which the server says it. Times are monotonic milliseconds. */
export interface InvalidationListener {
  /** From now on every change is heard of. */
  armed(mode: InvalidationMode): void;
  /** Somebody changed the key; `mark` is its version and time to be fresh since then, '' where that is not known. */
  changed(key: string, mark: string): void;
  /** Everything may have been changed, or something may have been missed; from now on every change is heard of again. */
  missed(reason: string): void;
  /** Every change that was made before `sent` has been told. */
  heard(sent: number): void;
  /** No change is heard of any more, until it is armed again. */
  lost(reason: string): void;
}

/** Where a process hears of changes that others make. */
export interface InvalidationChannel {
  /** Connects, arms, and connects again whenever it is lost, until it is closed. */
  open(listener: InvalidationListener): void;
  /** The listener hears nothing more. */
  close(): void;
}
