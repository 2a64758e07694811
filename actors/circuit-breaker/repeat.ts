import type { Clock, Timer } from '../../src/runtime/clock.ts';

/** Runs `work` again and again until stopped: at once or after the first pause, and backing off while it fails. */
export function repeat(
  clock: Clock,
  pause: (failures: number) => number,
  atOnce: boolean,
  work: () => Promise<void>,
): () => void {
  let stopped = false;
  let failures = 0;
  let timer: Timer;
  const turn = async (): Promise<void> => {
    const failed = await work().then(
      () => false,
      () => true,
    );
    failures = failed ? failures + 1 : 0;
    if (!stopped) timer = clock.setTimeout(() => void turn(), pause(failures));
  };
  if (atOnce) void turn();
  else timer = clock.setTimeout(() => void turn(), pause(0));
  return () => {
    stopped = true;
    clock.clearTimeout(timer);
  };
}
