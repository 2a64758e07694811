import type { RedisServer } from '../../servers/redis-server.ts';
import type { TcpProxy } from '../../servers/tcp-proxy.ts';
import { at, now } from '../clock.ts';
import type { Fleet } from '../fleet.ts';
import type { Fault } from './schedule.ts';

/** What can be broken. */
export interface Stage {
  readonly redis: RedisServer;
  /** The way of each process to Redis. */
  readonly links: readonly TcpProxy[];
  /** The processes, by number. */
  readonly fleet: Pick<Fleet, 'killOne' | 'revive' | 'freeze' | 'thaw'>;
}

/** A fault that was, with the interval that it really took. */
export interface Injected {
  readonly fault: Fault;
  readonly from: number;
  readonly to: number;
}

/** Carries out a schedule that begins at `start`; resolves when the last fault is over. */
export async function inject(faults: readonly Fault[], stage: Stage, start: number): Promise<Injected[]> {
  return Promise.all(
    faults.map(async (fault) => {
      await at(start + fault.at);
      const from = now();
      const mend = await strike(fault, stage);
      await at(start + fault.at + fault.lasts);
      await mend();
      return { fault, from, to: now() };
    }),
  );
}

/** Makes one fault happen; returns what ends it. */
async function strike(fault: Fault, { redis, links, fleet }: Stage): Promise<() => Promise<void>> {
  switch (fault.kind) {
    case 'freeze-redis':
      await redis.freeze();
      return () => redis.thaw();
    case 'kill-redis':
      await redis.kill();
      return () => redis.restart();
    case 'slow-redis': {
      const slow = links.map((link) => slowed(link, fault));
      return async () => {
        for (const end of slow) end();
      };
    }
    case 'kill-process':
      await fleet.killOne(fault.process);
      return () => fleet.revive(fault.process);
    case 'freeze-process':
      fleet.freeze(fault.process);
      return async () => fleet.thaw(fault.process);
    default: {
      const link = links[fault.process];
      if (link === undefined) throw new Error(`there is no process ${fault.process}`);
      return breakLink(link, fault);
    }
  }
}

type LinkFault = Exclude<Fault, { kind: `${string}-redis` | `${string}-process` }>;

async function breakLink(link: TcpProxy, fault: LinkFault): Promise<() => Promise<void>> {
  switch (fault.kind) {
    case 'black-hole':
      link.blackHole();
      break;
    case 'refuse':
      await link.refuse();
      break;
    case 'deafen':
      link.deafen();
      return async () => link.hear();
    case 'slow-link':
      link.latency(fault.latency, fault.jitter);
      break;
    case 'cut-reply':
      link.closeMidReply(fault.afterBytes);
      // It waits for the next reply, whenever that comes.
      return async () => {};
  }
  return () => link.heal();
}

function slowed(link: TcpProxy, { latency, jitter }: { latency: number; jitter: number }): () => void {
  link.latency(latency, jitter);
  return () => link.latency(0);
}
