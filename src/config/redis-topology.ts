import type { RedisTierOptions, Topology } from '../tiers/redis/options.ts';
import type { Options } from './schema.ts';

type RedisInput = NonNullable<Options['redis']>;

/** What the Redis tier needs, from any of the ways a user may say it. */
export function redisTierOptions(redis: RedisInput, prefix: string): RedisTierOptions {
  const url = redis.url === undefined ? undefined : new URL(redis.url);
  const secure = redis.tls === true || (redis.tls === undefined && url?.protocol === 'rediss:');
  return {
    topology: topologyOf(redis, url),
    username: redis.username ?? (url?.username ? decodeURIComponent(url.username) : undefined),
    password: redis.password ?? (url?.password ? decodeURIComponent(url.password) : undefined),
    database: redis.database ?? databaseOf(url),
    tls: typeof redis.tls === 'object' ? redis.tls : secure ? {} : undefined,
    connectTimeout: redis.connectTimeout,
    commandTimeout: redis.commandTimeout,
    prefix,
    tombstoneTtl: redis.tombstoneTtl,
    receiptTtl: redis.receiptTtl,
  };
}

function topologyOf(redis: RedisInput, url: URL | undefined): Topology {
  if (redis.sentinel) {
    const { name, nodes, password } = redis.sentinel;
    return { kind: 'sentinel', name, sentinels: nodes, sentinelPassword: password };
  }
  if (redis.cluster) return { kind: 'cluster', nodes: redis.cluster.nodes };
  if (redis.path) return { kind: 'standalone', address: { path: redis.path } };
  if (url?.protocol === 'unix:')
    return { kind: 'standalone', address: { path: decodeURIComponent(url.pathname) } };
  const host = redis.host ?? url?.hostname.replace(/^\[|\]$/g, '');
  const port = redis.port ?? (url?.port ? Number(url.port) : 6379);
  return { kind: 'standalone', address: { host: host || '127.0.0.1', port } };
}

/** `redis://host/3` or `unix:///run/redis.sock?db=3`. */
function databaseOf(url: URL | undefined): number {
  if (!url) return 0;
  const text = url.protocol === 'unix:' ? url.searchParams.get('db') : url.pathname.slice(1);
  return text ? Number(text) : 0;
}
