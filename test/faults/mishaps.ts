import { vi } from 'vitest';

const PRINTERS = ['log', 'info', 'warn', 'error', 'debug'] as const;

/** Watches for what a library must never do to its host: leave a rejection unhandled, or print. */
export function watchMishaps() {
  const unhandled: unknown[] = [];
  const printed: string[] = [];
  const note = (reason: unknown): void => {
    unhandled.push(reason);
  };
  process.on('unhandledRejection', note);
  process.on('uncaughtException', note);
  const spies = PRINTERS.map((printer) =>
    vi.spyOn(console, printer).mockImplementation((...what: unknown[]) => {
      printed.push(what.map(String).join(' '));
    }),
  );
  return {
    unhandled,
    printed,
    end: (): void => {
      process.off('unhandledRejection', note);
      process.off('uncaughtException', note);
      for (const spy of spies) spy.mockRestore();
    },
  };
}
