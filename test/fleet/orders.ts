/** So many callers of one key at once, with a loader that takes so many milliseconds. */
export interface Order {
  readonly key: string;
  readonly callers: number;
  readonly takes: number;
}

/** What a process of the fleet says. */
export type Report =
  | { readonly kind: 'ready'; readonly connected: boolean }
  | { readonly kind: 'loading' }
  | {
      readonly kind: 'answered';
      /** The different values that its callers were given. */
      readonly values: readonly string[];
      /** Times that its loader ran. */
      readonly loads: number;
      /** Milliseconds until the last was answered. */
      readonly took: number;
    };
