import type { PrivateRedis } from '../../src/cli/private-redis.ts';
import { startFleet, stopFleet, times } from './fleet.ts';
import { isInSync, parseFields } from './redis-info.ts';
import { until } from './until.ts';

const MASTER_NAME = 'understudy';
const QUORUM = 2;
const FORMATION_MS = 15_000;

// Without the delay of 5 s a replica is in sync at once, and its promotion loses nothing.
const REPLICATED = { args: ['--repl-diskless-sync-delay', '0'] };
const SENTINEL = { args: ['--sentinel'] };

export interface SentinelSetup extends AsyncDisposable {
  readonly masterName: string;
  readonly sentinels: { host: string; port: number }[];
  /** The master and its two replicas, in no order. */
  readonly servers: readonly PrivateRedis[];
  /** The processes of the sentinels. */
  readonly watchers: readonly PrivateRedis[];
  /** Port of the master, as the majority of the sentinels has it. */
  masterPort(): Promise<number>;
  /** SIGKILLs the master, and returns its port. The sentinels promote another after a few seconds. */
  killMaster(): Promise<number>;
  stop(): Promise<void>;
}

/** One master, two replicas in sync, and three sentinels that all know each other. */
export async function startSentinel(): Promise<SentinelSetup> {
  const fleet = await startFleet([...times(3, REPLICATED), ...times(3, SENTINEL)]);
  const servers = fleet.slice(0, 3);
  const sentinels = fleet.slice(3);
  const stop = () => stopFleet(fleet);
  try {
    const master = await replicate(servers);
    await Promise.all(sentinels.map((sentinel) => monitor(sentinel, master)));
    await until('every sentinel sees 2 replicas and 2 other sentinels', () => allSeen(sentinels), {
      timeoutMs: FORMATION_MS,
    });
  } catch (error) {
    await stop();
    throw error;
  }
  const masterPort = () => agreedMasterPort(sentinels);
  return {
    masterName: MASTER_NAME,
    sentinels: sentinels.map(({ port }) => ({ host: '127.0.0.1', port })),
    servers,
    watchers: sentinels,
    masterPort,
    killMaster: async () => {
      const port = await masterPort();
      await servers.find((server) => server.port === port)?.kill();
      return port;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Makes all but the first replicas of the first, and returns that once they are in sync. */
async function replicate([master, ...replicas]: readonly PrivateRedis[]): Promise<PrivateRedis> {
  if (!master) throw new RangeError('Expected at least one server');
  await Promise.all(replicas.map((replica) => replica.call('REPLICAOF', '127.0.0.1', master.port)));
  await Promise.all(
    replicas.map((replica) =>
      until(`the replica on ${replica.port} is in sync`, () => isInSync(replica), {
        timeoutMs: FORMATION_MS,
      }),
    ),
  );
  return master;
}

// A sentinel asks the master for its replicas when it begins, and then every 10 s only: hence after they are in sync.
async function monitor(sentinel: PrivateRedis, master: PrivateRedis): Promise<void> {
  await sentinel.call('SENTINEL', 'MONITOR', MASTER_NAME, '127.0.0.1', master.port, QUORUM);
  await sentinel.call('SENTINEL', 'SET', MASTER_NAME, 'down-after-milliseconds', 1000);
  await sentinel.call('SENTINEL', 'SET', MASTER_NAME, 'failover-timeout', 2000);
}

async function allSeen(sentinels: readonly PrivateRedis[]): Promise<boolean> {
  const views = await Promise.all(
    sentinels.map((sentinel) => sentinel.call('SENTINEL', 'MASTER', MASTER_NAME)),
  );
  return views.map(parseFields).every((view) => {
    return (
      view.get('num-slaves') === '2' &&
      view.get('num-other-sentinels') === '2' &&
      view.get('flags') === 'master'
    );
  });
}

async function agreedMasterPort(sentinels: readonly PrivateRedis[]): Promise<number> {
  const addresses = await Promise.all(
    sentinels.map((sentinel) => sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', MASTER_NAME)),
  );
  const ports = addresses.map((address) => (Array.isArray(address) ? Number(address[1]) : Number.NaN));
  const agreed = ports.find((port) => ports.filter((other) => other === port).length >= QUORUM);
  if (agreed === undefined) throw new Error(`The sentinels do not agree on a master: ${ports.join(', ')}`);
  return agreed;
}
