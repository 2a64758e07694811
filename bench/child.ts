// The process of one side of a race: it loads one contender, warms up, and then runs a round whenever it is told to.
import type { Assignment, Command, Report } from './assignment.ts';
import { openContender } from './contenders/open.ts';
import { runRound, warmUp } from './rounds.ts';
import { makeWorkload } from './workloads/make.ts';

type Around = <T>(run: () => Promise<T>) => Promise<T>;

let answer: (command: Command) => Promise<Report> = unprepared;

async function unprepared(command: Command): Promise<Report> {
  if (command.type !== 'prepare') throw new Error(`${command.type} came before prepare`);
  const { assignment } = command;
  const around = await surroundings(assignment);
  const contender = await openContender(assignment);
  const workload = makeWorkload(assignment, contender);
  await workload.prepare();
  const operations = await around(() => warmUp(workload, assignment));
  answer = async ({ type }) => {
    if (type === 'end') {
      await contender.close();
      process.disconnect();
      return { type: 'ready' };
    }
    const round = await around(() => runRound(workload, operations));
    await contender.verify?.();
    return { type: 'round', round };
  };
  return { type: 'ready' };
}

async function surroundings({ tracing }: Assignment): Promise<Around> {
  if (tracing === 'off') return (run) => run();
  const { startSampledOutTracing, underSampledOutSpan } = await import('./sampled-out-tracing.ts');
  startSampledOutTracing();
  return underSampledOutSpan;
}

/** The error, and where it comes from, in this order: the stack of a syntax error begins with a line of its source. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const frames = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  return [`${error.name}: ${error.message}`, ...frames].join('\n');
}

function report(message: Report): void {
  if (process.connected) process.send?.(message);
}

process.on('message', (command: Command) => {
  answer(command).then(report, (error: unknown) => report({ type: 'failed', reason: reasonOf(error) }));
});
// The parent is gone, or has all it wanted; a profile is written on the way out.
process.on('disconnect', () => process.exit());
