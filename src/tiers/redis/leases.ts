import type { KeySpace } from '../../wire/keys.ts';
import type { LeaseAnswer, LeaseRequest } from '../lease.ts';

/** Arguments of lease.lua. No lease outlives the tombstone that would void it. */
export function leaseArguments(
  requests: readonly LeaseRequest[],
  space: KeySpace,
  tombstoneTtl: number,
): { readonly keys: string[]; readonly args: (string | number)[] } {
  const keys: string[] = [];
  const args: (string | number)[] = [''];
  let letters = '';
  for (const request of requests) {
    const { key, token } = request;
    keys.push(space.data(key), space.tombstone(key), space.lease(key));
    if (request.op === 'fulfil') {
      letters += request.granted ? 'f' : 'u';
      args.push(token, request.ttl, request.stored);
    } else if (request.op === 'release') {
      letters += 'r';
      args.push(token, '', '');
    } else {
      letters += request.op === 'take' ? 't' : 'l';
      args.push(token, Math.min(request.ttl, tombstoneTtl), request.discounted ?? '');
    }
  }
  args[0] = letters;
  return { keys, args };
}

/** What the reply of lease.lua tells. Throws what Redis said when it refused one. */
export function leaseAnswers(requests: readonly LeaseRequest[], reply: unknown): LeaseAnswer[] {
  const [done, failure, ...results]: unknown[] = Array.isArray(reply) ? reply : [];
  if (done !== requests.length) throw new Error(String(failure || 'unexpected reply of the script'));
  return requests.map(({ op }, at) => {
    const result = results[at];
    if (op === 'release') return { status: 'released' };
    if (op === 'fulfil') return { status: result === 1 ? 'stored' : 'void' };
    if (result === -1) return { status: 'granted' };
    return typeof result === 'string'
      ? { status: 'present', digest: result }
      : { status: 'held', remaining: Number(result) };
  });
}
