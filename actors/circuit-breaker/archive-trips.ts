import type { Message } from '../../src/runtime/protocol.ts';
import type { RoundTrip } from '../../src/telemetry/port.ts';
import type { ArchiveTier } from '../../src/tiers/archive-tier.ts';
import type { ArchiveMessage } from '../archive/messages.ts';
import type { TripMetrics } from './remote.ts';
import type { Trips } from './trips.ts';

/** The messages that go to the durable tier. */
type ArchiveTripMessage = Exclude<ArchiveMessage, { type: 'archive.status' }>;

export const ARCHIVE_METRICS: TripMetrics = {
  operations: ['SELECT', 'INSERT', 'DELETE'],
  duration: {
    name: 'understudy_durable_round_trip_duration_seconds',
    help: 'Duration of one round trip to the durable tier for values, a batch each.',
  },
  size: {
    name: 'understudy_durable_batch_size',
    help: 'Keys that went to the durable tier in one round trip.',
  },
};

/** The round trips to the durable tier. */
export function archiveTrips(tier: ArchiveTier): Trips<ArchiveTripMessage> {
  return {
    carries,
    describe: (message) => ({ system: 'postgresql', ...describeTrip(message), ...tier.address }),
    laneOf: ({ type }) => (type === 'archive.read' ? 'read' : 'write'),
    perform: (message) => performTrip(tier, message),
    unavailable: (cause) => new Error(`the durable tier did not answer: ${cause.message}`, { cause }),
  };
}

const CARRIED: ReadonlySet<string> = new Set<ArchiveTripMessage['type']>([
  'archive.read',
  'archive.replay',
  'archive.clear',
  'archive.prune',
]);

function carries(message: Message): message is ArchiveTripMessage {
  return CARRIED.has(message.type);
}

function describeTrip(
  message: ArchiveTripMessage,
): Pick<RoundTrip, 'operation' | 'collection' | 'script' | 'size'> {
  const collection = 'understudy.value';
  switch (message.type) {
    case 'archive.read':
      return { operation: 'SELECT', collection, size: message.keys.length };
    case 'archive.replay':
      return { operation: 'INSERT', collection, size: message.writes.length };
    case 'archive.clear':
      return { operation: 'INSERT', collection: 'understudy.clearing', size: 1 };
    case 'archive.prune':
      return { operation: 'DELETE', collection, size: 1 };
  }
}

async function performTrip(tier: ArchiveTier, message: ArchiveTripMessage): Promise<unknown> {
  switch (message.type) {
    case 'archive.read':
      return tier.read(message.keys);
    case 'archive.replay':
      return tier.replay(message.writes);
    case 'archive.clear':
      return tier.clear(message.prefix, message.version);
    case 'archive.prune':
      return tier.prune(message.count);
  }
}
