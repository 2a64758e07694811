import { Command, Option } from 'commander';
import { DEFAULTS } from '../../config/defaults.ts';
import { ttlMilliseconds } from '../../wire/ttl.ts';
import { EXIT } from '../exit-codes.ts';
import { RedisBinaryNotFoundError } from '../redis-binary.ts';
import { paintFor } from '../terminal/paint.ts';
import { progressBar } from '../terminal/progress-bar.ts';
import { describeReport, describeView } from './describe.ts';
import type { Fault } from './faults.ts';
import { EXAMPLES } from './help.ts';
import { factor, faults, isRedisUrl, time, wholeNumber } from './options.ts';
import { replay } from './replay.ts';
import { MIN_VALUE_SIZE } from './sample-values.ts';
import type { ReplaySettings } from './settings.ts';
import { TraceError } from './trace-line.ts';

interface Flags {
  redis?: string;
  memoryOnly?: true;
  capacity: number;
  valueSize: number;
  ttl: number;
  concurrency: number;
  speed?: number;
  limit: number;
  chaos: Fault[];
  outage: number;
  patience: number;
  json?: true;
}

/** `understudy replay FILE`: fails when a call failed or a write was lost. */
export function replayCommand(): Command {
  return new Command('replay')
    .summary('drive a trace through the service and report how it went')
    .description(
      'Drives a trace through the service against a real Redis, and reports hit ratio, throughput, latency and failed calls.',
    )
    .argument('<file>', 'the trace: one key per line, or JSON lines in the Mooncake format')
    .option('--redis <url>', 'Redis to use (default: a redis-server of its own, on a free port)')
    .option('--memory-only', 'use no Redis; lines are played one after the other')
    .option(
      '--capacity <entries>',
      'entries the memory tier holds',
      wholeNumber(1, 16_777_216),
      DEFAULTS.memory.maxEntries,
    )
    .option('--value-size <bytes>', 'size of a value as JSON', wholeNumber(MIN_VALUE_SIZE, 4_194_304), 250)
    .addOption(
      new Option('--ttl <time>', "time to live of what is stored: milliseconds or '30s', '5m', '1h'")
        .argParser(time)
        .default(ttlMilliseconds(DEFAULTS.ttl), DEFAULTS.ttl),
    )
    .option('--concurrency <lines>', 'lines under way at a time', wholeNumber(1, 4_096), 16)
    .option(
      '--speed <factor>',
      'begin each line when its timestamp says, this many times faster (default: as fast as it goes)',
      factor,
    )
    .addOption(
      new Option('--limit <lines>', 'lines to play at most')
        .argParser(wholeNumber(1, Number.MAX_SAFE_INTEGER))
        .default(Infinity, 'all'),
    )
    .addOption(
      new Option('--chaos <faults>', 'break the private redis-server midway: kill, freeze, restart')
        .argParser(faults)
        .default([], 'none'),
    )
    .addOption(
      new Option('--outage <time>', 'how long a killed or frozen server stays away')
        .argParser(time)
        .default(3_000, '3s'),
    )
    .addOption(
      new Option('--patience <time>', 'how long Redis may take to come back and catch up')
        .argParser(time)
        .default(15_000, '15s'),
    )
    .option('--json', 'print the report as one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(run);
}

async function run(file: string, flags: Flags, command: Command): Promise<void> {
  const refuse = (message: string): never => command.error(`error: ${message}`, { exitCode: EXIT.usage });
  const problem = problemOf(flags);
  if (problem !== undefined) return refuse(problem);
  const settings = settingsOf(file, flags);
  try {
    const report = await replay(settings, (look) =>
      flags.json
        ? () => {}
        : progressBar(process.stderr, paintFor(process.stderr), () => describeView(look())),
    );
    const text = flags.json
      ? `${JSON.stringify(report)}\n`
      : describeReport(report, settings, paintFor(process.stdout));
    process.stdout.write(text);
    if (report.errors > 0 || report.journal.lost > 0) process.exitCode = EXIT.failure;
  } catch (error) {
    if (error instanceof RedisBinaryNotFoundError)
      refuse(`${error.message} Or use --redis or --memory-only.`);
    if (error instanceof TraceError) refuse(error.message);
    throw error;
  }
}

function problemOf({ redis, memoryOnly, chaos }: Flags): string | undefined {
  if (redis !== undefined && !isRedisUrl(redis)) {
    return '--redis: expected redis://host:port, rediss://host:port or unix:///path';
  }
  if (redis !== undefined && memoryOnly)
    return '--memory-only uses no Redis, so --redis has no meaning with it';
  if (chaos.length === 0) return undefined;
  if (redis !== undefined) return '--chaos breaks a redis-server of its own and never the one of --redis';
  return memoryOnly ? '--chaos breaks a redis-server, and --memory-only uses none' : undefined;
}

function settingsOf(file: string, flags: Flags): ReplaySettings {
  const { redis, memoryOnly, chaos, speed, capacity, valueSize, ttl, concurrency, limit } = flags;
  const { outage, patience } = flags;
  return {
    file,
    redis: memoryOnly ? 'none' : redis === undefined ? 'private' : { url: redis },
    ...{ capacity, valueSize, ttl, concurrency, limit, outage, patience, speed, faults: chaos },
  };
}
