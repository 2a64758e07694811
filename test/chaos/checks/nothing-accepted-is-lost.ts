import { leavesValue } from '../history/change.ts';
import { Order } from '../history/order.ts';
import type { Check } from './violation.ts';

/** Every acknowledged write that nothing superseded is there: in Redis, and so for every process. */
export const nothingAcceptedIsLost: Check = ({ history, final, settings }) =>
  history.keys.flatMap(({ namespace, key, changes }) => {
    const order = new Order(changes, settings.fleetLeases);
    return final.snapshots.flatMap(({ holder, namespace: of, values }) => {
      if (of !== namespace || (values.get(key) ?? undefined) !== undefined) return [];
      const lost = order.lasting.findLast(
        (change) => leavesValue(change) && !order.mayBeGone(change, final.at),
      );
      if (lost === undefined) return [];
      const message = `an acknowledged write is not in ${holder}`;
      const operations = [lost.operation];
      return [{ check: 'nothing-accepted-is-lost', message, process: holder, key, operations }];
    });
  });
