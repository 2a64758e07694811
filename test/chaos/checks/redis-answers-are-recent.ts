import { type Change, leavesNothing, leavesValue } from '../history/change.ts';
import { Order } from '../history/order.ts';
import type { Reading } from '../history/reading.ts';
import type { Check } from './violation.ts';

/** What Redis answers, undegraded, is not older than what it had confirmed to anybody before it was asked. */
export const redisAnswersAreRecent: Check = ({ history, settings }) =>
  history.keys.flatMap(({ key, changes, readings }) => {
    const order = new Order(changes, settings.fleetLeases);
    const confirmed = changes.filter(
      ({ durable, operation }) => durable && operation.answer?.tier === 'redis',
    );
    return readings.flatMap((reading) => {
      if (reading.tier !== 'redis' || reading.degraded !== false) return [];
      const newer = confirmed.find(
        (change) => change.returned < reading.invoked && contradicts(reading, change, order),
      );
      if (newer === undefined) return [];
      const message = leavesNothing(newer)
        ? 'Redis answered what was deleted'
        : 'Redis answered without a change it had confirmed';
      const writer = order.writerOf(reading.value);
      const operations = [...(writer ? [writer.operation] : []), newer.operation, reading.operation];
      return [{ check: 'redis-answers-are-recent', message, process: reading.process, key, operations }];
    });
  });

function contradicts(reading: Reading, change: Change, order: Order): boolean {
  if (reading.value === undefined) return leavesValue(change) && !order.mayBeGone(change, reading.returned);
  const writer = order.writerOf(reading.value);
  return writer !== undefined && order.hides(change, writer);
}
