import { UnderstudyError } from '../../src/runtime/errors.ts';
import type { Message } from '../../src/runtime/protocol.ts';
import type { RoundTrip } from '../../src/telemetry/port.ts';
import type { RemoteTier } from '../../src/tiers/tier.ts';
import type { Lane } from './gate.ts';
import type { CircuitBreakerMessage } from './messages.ts';
import type { Trips } from './trips.ts';

/** The messages that are one round trip to Redis. */
export type RoundTripMessage = Exclude<CircuitBreakerMessage, { type: 'circuit-breaker.status' }>;

/** The round trips to Redis. */
export function redisTrips(tier: RemoteTier): Trips<RoundTripMessage> {
  return {
    carries,
    describe: (message) => ({ ...describeTrip(message), ...tier.address, peer: tier.peer }),
    laneOf,
    perform: (message) => performTrip(tier, message),
    unavailable: (cause) =>
      new UnderstudyError('REDIS_UNAVAILABLE', `Redis did not answer: ${cause.message}`, { cause }),
  };
}

const CARRIED: ReadonlySet<string> = new Set<RoundTripMessage['type']>([
  'circuit-breaker.read',
  'circuit-breaker.write',
  'circuit-breaker.replay',
  'circuit-breaker.lease',
  'circuit-breaker.clear',
  'circuit-breaker.scan',
  'circuit-breaker.recall',
  'circuit-breaker.remember',
]);

function carries(message: Message): message is RoundTripMessage {
  return CARRIED.has(message.type);
}

function describeTrip(message: RoundTripMessage): Pick<RoundTrip, 'operation' | 'script' | 'size'> {
  switch (message.type) {
    case 'circuit-breaker.read':
      return { operation: 'MGET', size: message.keys.length };
    case 'circuit-breaker.write':
      return { operation: 'EVALSHA', script: 'write', size: message.writes.length };
    case 'circuit-breaker.replay':
      return { operation: 'EVALSHA', script: 'replay', size: message.writes.length };
    case 'circuit-breaker.lease':
      return { operation: 'EVALSHA', script: 'lease', size: message.requests.length };
    case 'circuit-breaker.clear':
      return { operation: 'EVALSHA', script: 'clear', size: 1 };
    case 'circuit-breaker.scan':
      return { operation: 'SCAN', size: 1 };
    case 'circuit-breaker.recall':
      return { operation: 'GET', size: 1 };
    case 'circuit-breaker.remember':
      return { operation: 'SET', size: 1 };
  }
}

const READS: readonly RoundTripMessage['type'][] = [
  'circuit-breaker.read',
  'circuit-breaker.scan',
  'circuit-breaker.recall',
];

function laneOf(message: RoundTripMessage): Lane {
  return READS.includes(message.type) ? 'read' : 'write';
}

/** Makes the round trip. */
async function performTrip(tier: RemoteTier, message: RoundTripMessage): Promise<unknown> {
  switch (message.type) {
    case 'circuit-breaker.read':
      return tier.read(message.keys);
    case 'circuit-breaker.write':
      return tier.write(message.writes, message.wait);
    case 'circuit-breaker.replay':
      return tier.replay(message.writes);
    case 'circuit-breaker.lease':
      return tier.lease(message.requests);
    case 'circuit-breaker.clear':
      return tier.clear(message.prefix, message.version, message.spared);
    case 'circuit-breaker.scan':
      return message.leased
        ? tier.scanLeases(message.prefix, message.cursor, message.count)
        : tier.scan(message.prefix, message.cursor, message.count);
    case 'circuit-breaker.recall':
      return tier.recall();
    case 'circuit-breaker.remember':
      return tier.remember(message.text, message.ttl, message.anew);
  }
}
