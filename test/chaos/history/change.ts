import type { Operation } from './record.ts';

/** One change of one key, or for a clear of all keys that begin with `key`. */
export interface Change {
  readonly kind: 'set' | 'load' | 'delete' | 'clear' | 'touch' | 'increment';
  readonly operation: Operation;
  readonly process: string;
  readonly namespace: string;
  readonly key: string;
  readonly value: string | undefined;
  /** By how much, for an increment. */
  readonly by: number;
  readonly invoked: number;
  /** Infinity when nobody knows how it ended: it may take effect at any time. */
  readonly returned: number;
  readonly version: string | undefined;
  readonly acknowledged: boolean;
  /** The journal had no room for it. */
  readonly refused: boolean;
  /** Acknowledged as safe. */
  readonly durable: boolean;
  /** It is to be found in the end, unless something superseded it. */
  readonly lasting: boolean;
  /** When the lease was granted, of a load. */
  readonly granted: number | undefined;
}

/** What an operation changes. */
export function changesOf(operation: Operation, killed: boolean): Change[] {
  const { call } = operation;
  const make = (kind: Change['kind'], key: string, rest: Partial<Change> = {}): Change =>
    changeOf(operation, killed, kind, key, rest);
  switch (call.op) {
    case 'set':
      return [make('set', call.key, { value: call.value })];
    case 'setMany':
      return call.entries.map(([key, value]) => make('set', key, { value }));
    case 'delete':
    case 'touch':
      return [make(call.op, call.key)];
    case 'clear':
      return [make('clear', call.prefix)];
    case 'increment':
      return [make('increment', call.key, { by: call.by })];
    case 'fulfil':
      if (operation.answer?.stored === false) return [];
      return [make('load', call.key, { value: call.value, granted: call.granted })];
    default:
      return [];
  }
}

function changeOf(
  operation: Operation,
  killed: boolean,
  kind: Change['kind'],
  key: string,
  rest: Partial<Change>,
): Change {
  const { process, namespace, invoked, returned, answer } = operation;
  const acknowledged = answer !== undefined && answer.error === undefined;
  const durable = acknowledged && answer.durable === true;
  return {
    kind,
    operation,
    process,
    namespace,
    key,
    value: undefined,
    by: 0,
    invoked,
    returned: acknowledged ? returned : Number.POSITIVE_INFINITY,
    version: answer?.version,
    acknowledged,
    refused: answer?.error === 'JOURNAL_FULL',
    durable,
    lasting: acknowledged && (durable || !killed),
    granted: undefined,
    ...rest,
  };
}

/** Whether it leaves a value. */
export function leavesValue({ kind }: Change): boolean {
  return kind === 'set' || kind === 'load';
}

/** Whether it leaves nothing. */
export function leavesNothing({ kind }: Change): boolean {
  return kind === 'delete' || kind === 'clear';
}
