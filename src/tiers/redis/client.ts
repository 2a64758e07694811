import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
import { type BackoffOptions, backoff } from '../../runtime/backoff.ts';
import type { Peer } from '../tier.ts';
import { layLanes } from './lane.ts';
import type { Address, RedisTierOptions } from './options.ts';
import { within } from './within.ts';

export type RedisClient = Redis | Cluster;

type Settings = Omit<RedisOptions, 'replyMapping'>;

/** Between reconnections while the breaker is closed; once it is open, the breaker's probe sets the pace. */
const RECONNECT: BackoffOptions = { min: 20, max: 500 };

/** Milliseconds a closing socket may linger before it is destroyed. */
const LINGER = 50;

/**
 * A client that never waits on its own account: no offline queue, no resending, no endless retries. A command either
 * goes out now or fails now, and what was in flight when a connection broke fails rather than running twice.
 */
export function createClient(options: RedisTierOptions): RedisClient {
  const shared = sharedSettings(options);
  const { topology } = options;
  if (topology.kind === 'cluster') {
    const cluster = new Cluster([...topology.nodes], clusterOptions(shared, options, topology.nodes.length));
    cluster.on('+node', catchAsking);
    return cluster;
  }
  const single = createSingle(options, {
    ...shared,
    retryStrategy: (times) => backoff(times - 1, RECONNECT),
  });
  layLanes(single);
  return single;
}

/**
 * One more connection beside the client's, to the same server or, of a Cluster, to the one at `address`. It speaks the
 * protocol in which a connection that subscribes hears of changes, and once it is lost it stays so.
 */
export function createSideConnection(options: RedisTierOptions, address: Address | undefined): Redis {
  const settings: Settings = { ...sharedSettings(options), retryStrategy: () => null };
  return createSingle(options, settings, address);
}

function sharedSettings(options: RedisTierOptions): Settings {
  return {
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    db: options.database,
    connectTimeout: options.connectTimeout,
    disconnectTimeout: LINGER,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    enableReadyCheck: false,
    disableClientInfo: true,
    connectionName: 'understudy',
    lazyConnect: true,
    protocol: 2,
  };
}

function createSingle(options: RedisTierOptions, settings: Settings, address?: Address): Redis {
  const single: Settings = { ...settings, enableOfflineQueue: false };
  const { topology } = options;
  if (address !== undefined) return new Redis({ ...single, ...address });
  if (topology.kind === 'standalone') return new Redis(Object.assign(single, topology.address));
  if (topology.kind === 'cluster') throw new Error('expected the address of a node');
  return new Redis({
    ...single,
    name: topology.name,
    sentinels: [...topology.sentinels],
    sentinelRetryStrategy: () => null,
    // One that accepts connections and answers nothing must leave time for the others, and for the master.
    sentinelCommandTimeout: options.connectTimeout / (topology.sentinels.length + 1),
    ...(topology.sentinelPassword === undefined ? {} : { sentinelPassword: topology.sentinelPassword }),
    ...(options.tls === undefined ? {} : { sentinelTLS: options.tls, enableTLSForSentinelMode: true }),
  });
}

/** A Cluster says ASKING and looks at no answer: when the connection breaks meanwhile, nobody would catch that. */
function catchAsking(node: Redis): void {
  const asking = node.asking.bind(node);
  node.asking = () => {
    const answer = asking();
    answer.catch(() => {});
    return answer;
  };
}

function clusterOptions(redisOptions: Settings, options: RedisTierOptions, nodes: number) {
  return {
    redisOptions,
    enableOfflineQueue: false,
    lazyConnect: true,
    // One that accepts connections and answers nothing must leave time for the others.
    slotsRefreshTimeout: options.connectTimeout / (nodes + 1),
    clusterRetryStrategy: (times: number) => backoff(times - 1, RECONNECT),
    // Short and few: whatever outlasts the command timeout is answered from memory anyway, and must not run later.
    maxRedirections: 4,
    retryDelayOnFailover: 25,
    retryDelayOnClusterDown: 25,
    retryDelayOnTryAgain: 25,
  } satisfies ClusterOptions;
}

/** Connects, or throws within the connect timeout. A half-open connection is destroyed. */
export async function connectClient(client: RedisClient, timeout: number): Promise<void> {
  // What comes by this event says why; the promise tells mostly that the connection was closed.
  let cause: unknown;
  const note = (error: unknown): void => {
    cause ??= error;
  };
  client.on('error', note);
  try {
    await within(timeout, 'no connection', client.connect());
  } catch (error) {
    destroyClient(client);
    throw rootOf(cause ?? error);
  } finally {
    client.off('error', note);
  }
}

/** A Cluster says no more than that no node could be asked, and keeps why for itself. */
function rootOf(error: unknown): unknown {
  return error instanceof Error && 'lastNodeError' in error && error.lastNodeError
    ? error.lastNodeError
    : error;
}

/** Which server a connection goes to: of a Sentinel group it changes. Undefined where there is none, or several. */
export function serverOf(client: RedisClient | undefined): string | undefined {
  const peer = peerOf(client);
  return peer && `${peer.address}:${peer.port}`;
}

/** The other end of a connection, under the same terms. */
export function peerOf(client: RedisClient | undefined): Peer | undefined {
  if (client === undefined || client instanceof Cluster) return undefined;
  const { stream } = client;
  if (stream === undefined || !('remotePort' in stream)) return undefined;
  const { remoteAddress: address, remotePort: port } = stream;
  return address === undefined || port === undefined ? undefined : { address, port };
}

/** Ends the connection at once: a socket that timed out may hold commands that must not be waited for. */
export function destroyClient(client: RedisClient): void {
  const streams =
    client instanceof Cluster ? client.nodes('all').map((node) => node.stream) : [client.stream];
  client.disconnect();
  for (const stream of streams) stream?.destroy();
}
