import { randomUUID } from 'node:crypto';
import type { Understudy } from '../../system/understudy.ts';
import { createUnderstudy } from '../../system.ts';
import { PrivateRedis } from '../private-redis.ts';
import { withDirectRedis } from './direct-redis.ts';
import { DURABLE, type Fault } from './faults.ts';
import { runLoad } from './load.ts';
import { OutageMeter } from './outage-meter.ts';
import { Player } from './player.ts';
import { recovered } from './recovery.ts';
import { type Findings, type ReplayReport, reportOf } from './report.ts';
import { SampleValues } from './sample-values.ts';
import type { ReplaySettings } from './settings.ts';
import { Tally } from './tally.ts';
import { TraceReader } from './trace-reader.ts';
import { WriteLedger } from './write-ledger.ts';

/** A replay under way, for whoever shows it. */
export interface ReplayView {
  /** 0 to 1. */
  readonly progress: number;
  readonly tally: Tally;
  /** The fault that lasts. */
  readonly fault: Fault | undefined;
}

/** Called when the load begins, with a look at it; what it returns is called when Redis has all of it. */
export type Watch = (look: () => ReplayView) => () => void;

/**
 * Drives a trace through the service and tells how that went.
 *
 * @throws TraceError when the file is no trace
 * @throws RedisBinaryNotFoundError when it is to have a Redis of its own and there is none to run
 */
export async function replay(settings: ReplaySettings, watch: Watch = () => () => {}): Promise<ReplayReport> {
  const trace = await TraceReader.open(settings.file, settings.limit);
  if (settings.redis === 'none') return replayOn({ settings, trace, watch });
  if (settings.redis !== 'private') return replayOn({ settings, trace, watch, url: settings.redis.url });
  const server = await PrivateRedis.start({ args: settings.faults.length > 0 ? DURABLE : [] });
  try {
    return await replayOn({ settings, trace, watch, url: server.url, server });
  } finally {
    await server.stop();
  }
}

interface Stage {
  readonly settings: ReplaySettings;
  readonly trace: TraceReader;
  readonly watch: Watch;
  /** Where Redis is, when there is one. */
  readonly url?: string;
  /** The same Redis, when it is ours to break. */
  readonly server?: PrivateRedis;
}

async function replayOn(stage: Stage): Promise<ReplayReport> {
  const { settings, url } = stage;
  // A prefix of its own, so that no other run is hit and none is hit by this one.
  const prefix = `understudy-replay:${randomUUID().slice(0, 8)}:`;
  const understudy = await createUnderstudy({
    ...(url === undefined ? {} : { redis: { url } }),
    prefix,
    // What bounds memory is the number of entries, whatever their size.
    memory: { maxEntries: settings.capacity, maxBytes: Number.MAX_SAFE_INTEGER },
  });
  const ledger = new WriteLedger();
  try {
    const findings = await playOn(understudy, ledger, stage);
    if (url === undefined) return reportOf({ ...findings, lost: 0 });
    const lost = await withDirectRedis(url, prefix, (read) => ledger.audit(read));
    return reportOf({ ...findings, lost });
  } finally {
    await understudy.stop();
  }
}

/** Plays the trace, and gives Redis the time to be given what it missed. */
async function playOn(
  understudy: Understudy,
  ledger: WriteLedger,
  { settings, trace, watch, url, server }: Stage,
): Promise<Omit<Findings, 'lost'>> {
  const tally = new Tally();
  const values = new SampleValues(settings.valueSize);
  const { redis } = await understudy.health();
  const outages = new OutageMeter(understudy, url !== undefined && redis.state !== 'closed');
  const player = new Player({
    ...{ cache: understudy.cache, values, tally, ttl: settings.ttl },
    ledger: url === undefined ? undefined : ledger,
  });
  let fault: Fault | undefined;
  const unwatch = watch(() => ({ tally, fault, progress: trace.progress }));
  try {
    const { duration, faults } = await runLoad({
      ...{ settings, trace, tally, understudy, server },
      play: (line, intended) => player.play(line, intended),
      onFault: (now) => {
        fault = now;
      },
    });
    if (url !== undefined) await recovered(understudy, settings.patience);
    const stats = await understudy.ask({ type: 'cache.stats' });
    return { format: trace.format ?? 'keys', tally, stats, duration, faults, outages: await outages.read() };
  } finally {
    unwatch();
  }
}
