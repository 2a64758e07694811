import { Order } from '../history/order.ts';
import type { Check } from './violation.ts';

/** A near cache answers from memory only what was true in Redis no longer ago than the bound. */
export const nearAnswersAreFresh: Check = ({ history, settings }) => {
  if (!settings.near) return [];
  return history.keys.flatMap(({ key, changes, readings }) => {
    const order = new Order(changes, settings.fleetLeases);
    const confirmed = changes.filter(
      ({ durable, operation }) => durable && operation.answer?.tier === 'redis',
    );
    return readings.flatMap((reading) => {
      const writer = order.writerOf(reading.value);
      if (writer === undefined || reading.tier !== 'memory' || reading.degraded !== false) return [];
      const newer = confirmed.find(
        (change) => change.returned + settings.staleness < reading.invoked && order.hides(change, writer),
      );
      if (newer === undefined) return [];
      const behind = Math.round(reading.invoked - newer.returned);
      const message = `a near cache was ${behind} ms behind, of ${settings.staleness} allowed`;
      const operations = [writer.operation, newer.operation, reading.operation];
      return [{ check: 'near-answers-are-fresh', message, process: reading.process, key, operations }];
    });
  });
};
