import { leavesNothing } from '../history/change.ts';
import { Order } from '../history/order.ts';
import type { Check } from './violation.ts';

/** When all has settled, no process and not Redis holds anything older than an acknowledged change. */
export const nothingOlderReturns: Check = ({ history, final, settings }) =>
  history.keys.flatMap(({ namespace, key, changes }) => {
    const order = new Order(changes, settings.fleetLeases);
    return final.snapshots.flatMap((snapshot) => {
      if (snapshot.namespace !== namespace) return [];
      const writer = order.writerOf(snapshot.values.get(key));
      const newer = writer && order.lasting.find((change) => order.hides(change, writer));
      if (writer === undefined || newer === undefined) return [];
      const message = leavesNothing(newer)
        ? `a deleted value is back in ${snapshot.holder}`
        : `${snapshot.holder} holds a value that was overwritten`;
      const operations = [writer.operation, newer.operation];
      return [{ check: 'nothing-older-returns', message, process: snapshot.holder, key, operations }];
    });
  });
