/** What one client may cost. Times are in milliseconds. */
export interface HttpLimits {
  /** Until a request has arrived whole. */
  readonly request: number;
  /** How often that is looked at. */
  readonly check: number;
  /** Until a connection without any traffic is closed; longer than the longest deadline. */
  readonly silence: number;
  /** Until a connection that waits for its next request is closed. */
  readonly keepAlive: number;
  /** Until connections that are open when the server closes are cut. */
  readonly farewell: number;
  /** Connections at once. */
  readonly connections: number;
}

export const HTTP_LIMITS: HttpLimits = {
  request: 10_000,
  check: 1_000,
  silence: 75_000,
  keepAlive: 65_000,
  farewell: 1_000,
  connections: 10_000,
};

/** Longest deadline that a request may ask for, in milliseconds. */
export const MAX_DEADLINE = 60_000;
