import type { PrivateRedis } from '../../src/cli/private-redis.ts';
import type { RedisReply } from '../../src/cli/redis-socket.ts';

/** The `field:value` lines of an INFO or CLUSTER INFO reply. */
export function parseInfo(reply: RedisReply): Map<string, string> {
  if (typeof reply !== 'string') throw new TypeError(`Expected the text of INFO, got ${typeof reply}`);
  const pairs = reply.split('\r\n').flatMap((line) => {
    const colon = line.indexOf(':');
    return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1)] as const];
  });
  return new Map(pairs);
}

/** A flat `field, value, field, value` reply, as of SENTINEL MASTER. */
export function parseFields(reply: RedisReply): Map<string, string> {
  if (!Array.isArray(reply)) throw new TypeError(`Expected a list of fields, got ${typeof reply}`);
  const fields = new Map<string, string>();
  for (let at = 0; at + 1 < reply.length; at += 2) fields.set(String(reply[at]), String(reply[at + 1]));
  return fields;
}

/**
 * Whether a master counts as many replicas as that: each has said how far it is, a second or so after it is in sync. It is
 * `online` before that, but is sent nothing yet.
 */
export async function countsReplicas(master: PrivateRedis, replicas: number): Promise<boolean> {
  const info = parseInfo(await master.call('INFO', 'replication'));
  return (
    [...info].filter(([name, text]) => /^slave\d+$/.test(name) && /state=online,offset=[1-9]/.test(text))
      .length === replicas
  );
}

export async function isInSync(replica: PrivateRedis): Promise<boolean> {
  return parseInfo(await replica.call('INFO', 'replication')).get('master_link_status') === 'up';
}
