import { getHeapStatistics } from 'node:v8';
import { EventLoopDelay } from './event-loop-delay.ts';
import type { Instruments } from './instruments.ts';

/** The process has one event loop, however many systems run in it. */
const delay = new EventLoopDelay(10_000);

/** What the process as a whole is up to. */
export function observeProcess(instruments: Instruments): void {
  instruments.gauge('understudy_process_uptime_seconds', 'Time since the process started.', () =>
    process.uptime(),
  );
  instruments.gauge('understudy_process_resident_memory_bytes', 'Memory that the process occupies.', () =>
    process.memoryUsage.rss(),
  );
  instruments.gauge(
    'understudy_process_heap_used_bytes',
    'JavaScript heap in use.',
    () => getHeapStatistics().used_heap_size,
  );
  instruments.gauge(
    'understudy_event_loop_delay_p99_seconds',
    'How late the event loop runs what is due: 99th percentile of the last 10 seconds.',
    () => delay.p99(),
  );
}
