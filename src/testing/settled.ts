/** Resolves when everything that does not wait for time has run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
