import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BenchRedis } from '../redis.ts';
import type { StalenessCommand, StalenessReport } from './protocol.ts';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));
const READERS = 8;
/** Milliseconds of writing in a round. */
const ROUND = 2_000;

/** Milliseconds from a write to the last read in any other process that did not see it. */
export interface Staleness {
  readonly p50: number;
  readonly p99: number;
}

/** One process writes 10,000 times a second, eight others read near. The first round is not counted. */
export async function measureStaleness(
  redis: BenchRedis,
  rounds: number,
  onStep: () => void,
): Promise<Staleness[]> {
  await redis.call('FLUSHALL', 'SYNC');
  const children = Array.from({ length: READERS + 1 }, () => fork(CHILD, { stdio: ['ignore', 2, 2, 'ipc'] }));
  const [writer, ...readers] = children;
  try {
    if (writer === undefined) throw new Error('no writer was started');
    await Promise.all(
      children.map((child) =>
        ask(child, { type: 'prepare', port: redis.port, role: child === writer ? 'writer' : 'reader' }),
      ),
    );
    const measured: Staleness[] = [];
    for (let round = 0; round <= rounds; round++) {
      const result = await runRound(writer, readers);
      if (round > 0) measured.push(result);
      onStep();
    }
    return measured;
  } finally {
    for (const child of children) if (child.connected) child.disconnect();
  }
}

async function runRound(writer: ChildProcess, readers: readonly ChildProcess[]): Promise<Staleness> {
  const run = { type: 'run', milliseconds: ROUND } as const;
  await Promise.all(readers.map((reader) => ask(reader, run)));
  const written = await ask(writer, run);
  const read = await Promise.all(readers.map((reader) => ask(reader, { type: 'stop' })));
  if (written.type !== 'written') throw new Error(`expected what was written, got ${written.type}`);
  if (written.writes < ROUND * 9) throw new Error(`only ${written.writes} writes`);
  const delays = written.at.map(([value, at]) => {
    const stale = read.map((report) => lastBefore(report, value));
    return Math.max(0, Math.max(...stale) - at);
  });
  const sorted = delays.toSorted((one, other) => one - other);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}

/** When a reader was last answered something older than this value. */
function lastBefore(report: StalenessReport, value: number): number {
  if (report.type !== 'read') throw new Error(`expected what was read, got ${report.type}`);
  if (report.near === 0) throw new Error('memory answered nothing');
  const older = report.last.filter(([seen]) => seen < value).map(([, at]) => at);
  return Math.max(Number.NEGATIVE_INFINITY, ...older);
}

async function ask(child: ChildProcess, command: StalenessCommand): Promise<StalenessReport> {
  const over = new AbortController();
  const { signal } = over;
  const report = once(child, 'message', { signal }).then(([message]): StalenessReport => message);
  const exit = once(child, 'exit', { signal }).then((): never => {
    throw new Error('a process of the staleness row ended');
  });
  child.send(command);
  try {
    const answer = await Promise.race([report, exit]);
    if (answer.type === 'failed') throw new Error(answer.reason);
    return answer;
  } finally {
    over.abort();
    await Promise.allSettled([report, exit]);
  }
}
