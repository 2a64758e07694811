import { createHash } from 'node:crypto';
import type { LeaseAnswer, LeaseRequest } from '../../tiers/lease.ts';
import { versionOf } from '../../wire/stored.ts';
import type { Ground } from './ground.ts';

/** A lease that is held: by whom, and what stood at the key and its tombstone when it was granted. */
interface Lease {
  readonly owner: string;
  readonly grave: string;
  readonly seen: string;
}

/** Takes, fulfils and gives back leases, as lease.lua does: at most one a key, void once the key was changed. */
export function leaseAll(ground: Ground, requests: readonly LeaseRequest[]): LeaseAnswer[] {
  return requests.map((request) => leaseOne(ground, request));
}

function leaseOne(ground: Ground, request: LeaseRequest): LeaseAnswer {
  const { keyspace, space, tombstoneTtl } = ground;
  const { key, token } = request;
  const [name, leaseName] = [space.data(key), space.lease(key)];
  const lease = leaseIn(keyspace.text(leaseName));
  const mine = lease?.owner === token;
  if (request.op === 'release') {
    if (mine) keyspace.delete(leaseName);
    return { status: 'released' };
  }
  // Something that is no text is something all the same.
  const stored = keyspace.has(name) ? (keyspace.text(name) ?? '') : undefined;
  const buried = keyspace.text(space.tombstone(key)) ?? '';
  const good =
    lease !== undefined &&
    (buried === '' || buried === lease.grave) &&
    ((stored === undefined && lease.seen === '') || digestOf(stored) === lease.seen);
  if (request.op === 'fulfil') {
    // Granted by its process alone, while Redis could not be asked: then the versions must tell.
    const newest = request.granted || mine ? undefined : versionOf(request.stored);
    const stores =
      newest === undefined ? mine && good : versionOf(stored ?? '') <= newest && buried <= newest;
    if (stores) keyspace.set(name, request.stored, request.ttl);
    if (mine) keyspace.delete(leaseName);
    return { status: stores ? 'stored' : 'void' };
  }
  const remaining = good ? keyspace.left(leaseName) : undefined;
  if (remaining !== undefined) return { status: 'held', remaining };
  const digest = digestOf(stored);
  if (stored !== undefined && digest !== request.discounted) return { status: 'present', digest };
  // No lease outlives the tombstone that would void it.
  if (request.op === 'take')
    keyspace.set(leaseName, `${token}/${buried}/${digest}`, Math.min(request.ttl, tombstoneTtl));
  return { status: 'granted' };
}

function leaseIn(text: string | undefined): Lease | undefined {
  const [, owner, grave, seen] = /^([^/]+)\/([^/]*)\/([^/]*)$/.exec(text ?? '') ?? [];
  return owner === undefined || grave === undefined || seen === undefined
    ? undefined
    : { owner, grave, seen };
}

function digestOf(stored: string | undefined): string {
  return stored === undefined ? '' : createHash('sha1').update(stored).digest('hex');
}
