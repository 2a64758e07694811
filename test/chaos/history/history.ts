import { readFile } from 'node:fs/promises';
import type { FleetProcess } from '../worker/fleet-process.ts';
import { type Change, changesOf } from './change.ts';
import { type Overflow, overflowsOf } from './overflow.ts';
import { type Reading, readingsOf } from './reading.ts';
import type { HistoryLine, Operation } from './record.ts';

/** One incarnation of a process, as it appears in the history. */
export interface ProcessHistory {
  readonly name: string;
  readonly namespace: string;
  /** By the checker, with -9. */
  readonly killed: boolean;
  readonly breaker: readonly Extract<HistoryLine, { kind: 'breaker' }>[];
  readonly stats: readonly Extract<HistoryLine, { kind: 'stats' }>[];
  readonly mishaps: readonly string[];
  readonly operations: readonly Operation[];
}

/** All that befell one key of one namespace, each in the order of invocation. */
export interface KeyHistory {
  readonly namespace: string;
  readonly key: string;
  readonly changes: readonly Change[];
  readonly readings: readonly Reading[];
  /** Of journals that are brought to Redis below this namespace. */
  readonly overflows: readonly Overflow[];
}

export interface History {
  readonly processes: readonly ProcessHistory[];
  readonly keys: readonly KeyHistory[];
  /** The number of operations. */
  readonly size: number;
}

interface Gathered extends KeyHistory {
  readonly changes: Change[];
  readonly readings: Reading[];
}

export async function readHistory(incarnations: readonly FleetProcess[]): Promise<History> {
  return historyOf(await Promise.all(incarnations.map(readProcess)));
}

export function historyOf(processes: readonly ProcessHistory[]): History {
  const keys = new Map<string, Gathered>();
  const overflows = new Map<string, Overflow[]>();
  const overflowsIn = (namespace: string): Overflow[] => {
    const known = overflows.get(namespace) ?? [];
    overflows.set(namespace, known);
    return known;
  };
  const at = (namespace: string, key: string): Gathered => {
    const name = namespace + key;
    const present = keys.get(name) ?? {
      namespace,
      key,
      changes: [],
      readings: [],
      overflows: overflowsIn(namespace),
    };
    keys.set(name, present);
    return present;
  };
  const clears: Change[] = [];
  for (const { namespace, operations, killed, stats } of processes) {
    overflowsIn(namespace).push(...overflowsOf(stats, killed));
    for (const operation of operations) {
      for (const reading of readingsOf(operation)) at(reading.namespace, reading.key).readings.push(reading);
      for (const change of changesOf(operation, killed)) {
        if (change.kind === 'clear') clears.push(change);
        else at(change.namespace, change.key).changes.push(change);
      }
    }
  }
  for (const each of keys.values()) {
    const covering = clears.filter(
      (clear) => clear.namespace === each.namespace && each.key.startsWith(clear.key),
    );
    each.changes.push(...covering);
    each.changes.sort((a, b) => a.invoked - b.invoked);
    each.readings.sort((a, b) => a.invoked - b.invoked);
  }
  const size = processes.reduce((sum, { operations }) => sum + operations.length, 0);
  return { processes, keys: [...keys.values()], size };
}

async function readProcess(process: FleetProcess): Promise<ProcessHistory> {
  const { name, killed, settings, mishap } = process;
  const text = await readFile(settings.historyFile, 'utf8').catch(() => '');
  // A process that was killed may have left half a line.
  const lines = text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '');
  const parsed = lines.map((line): HistoryLine => JSON.parse(line));
  const told = parsed.flatMap((line) => (line.kind === 'mishap' ? [line.what] : []));
  return {
    name,
    namespace: settings.namespace,
    killed,
    breaker: parsed.filter((line) => line.kind === 'breaker'),
    stats: parsed.filter((line) => line.kind === 'stats'),
    mishaps: mishap === undefined ? told : [...told, mishap],
    operations: operationsOf(parsed, name, settings.namespace),
  };
}

function operationsOf(lines: readonly HistoryLine[], process: string, namespace: string): Operation[] {
  const answers = new Map<number, Extract<HistoryLine, { kind: 'answer' }>>();
  for (const line of lines) if (line.kind === 'answer') answers.set(line.id, line);
  return lines.flatMap((line) => {
    if (line.kind !== 'call') return [];
    const answered = answers.get(line.id);
    const returned = answered?.at ?? Number.POSITIVE_INFINITY;
    return [{ process, namespace, call: line.call, invoked: line.at, returned, answer: answered?.answer }];
  });
}
