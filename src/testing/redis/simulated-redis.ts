import type { Clock } from '../../runtime/clock.ts';
import { Connection } from './connection.ts';
import { type CommandKind, Failure, type FaultCode } from './faults.ts';
import { Keyspace } from './keyspace.ts';

/** One command, and until when (monotonic milliseconds) its sender waits: a script that comes later does nothing. */
export interface Command<T> {
  readonly kind: CommandKind;
  readonly expires: number;
  readonly carryOut: (keyspace: Keyspace) => T;
}

/** Told what a server says of its own accord, on a connection. */
export interface Watcher {
  /** Something was changed; to which text, where it is one. */
  changed(name: string, text: string | undefined): void;
  flushed(): void;
  /** The server has closed the connection. */
  closed(): void;
}

/** A Redis server in memory, on virtual time, whose data outlives its troubles. */
export class SimulatedRedis {
  readonly keyspace: Keyspace;
  /** Replicas that confirm what is written. */
  replicas = 0;
  readonly #clock: Clock;
  readonly #connections = new Set<Connection>();
  readonly #watchers = new Map<Connection, Watcher>();
  /** What waits while it is frozen, in order; undefined when it is not. */
  #backlog: (() => void)[] | undefined;
  #failure: Failure | undefined;
  /** Milliseconds from a command to its answer. */
  #delay = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.keyspace = new Keyspace(clock, (name) => {
      const text = this.keyspace.text(name);
      this.#tell((watcher) => watcher.changed(name, text));
    });
  }

  /** A connection, as yet of a stranger: what cannot be reached does not show before the first command. */
  accept(): Connection {
    for (const connection of this.#connections) if (!connection.open) this.#forget(connection);
    const connection = new Connection(this.#clock, () => this.#delay / 2);
    this.#connections.add(connection);
    return connection;
  }

  /** From now on every change is told on this connection. */
  watch(connection: Connection, watcher: Watcher): void {
    this.#watchers.set(connection, watcher);
  }

  perform<T>(connection: Connection, { kind, expires, carryOut }: Command<T>): Promise<T> {
    return connection.send<T>((answer) => {
      const turn = (): void => {
        try {
          this.#failure?.strike(kind);
          if (kind === 'write' && this.#clock.monotonic() > expires)
            throw new Error('LATE the changes came after their time');
          const reply = carryOut(this.keyspace);
          answer(() => reply);
        } catch (error) {
          answer(() => {
            throw error;
          });
        }
      };
      if (this.#backlog === undefined) turn();
      else this.#backlog.push(turn);
    });
  }

  /** Takes what is sent and answers nothing, as a stopped process. */
  freeze(): void {
    this.#backlog ??= [];
  }

  fail(fault: FaultCode | Error): void {
    this.#failure = new Failure(fault);
    if (!this.#failure.cuts) return;
    for (const connection of this.#connections) {
      connection.close();
      const watcher = this.#watchers.get(connection);
      this.#forget(connection);
      watcher?.closed();
    }
  }

  /** Loses everything. */
  flush(): void {
    this.keyspace.clear();
    this.#tell((watcher) => watcher.flushed());
  }

  slow(delay: number): void {
    this.#delay = delay;
  }

  /** Well again: what waited is carried out now, in order. */
  restore(): void {
    this.#failure = undefined;
    this.#delay = 0;
    const backlog = this.#backlog ?? [];
    this.#backlog = undefined;
    for (const turn of backlog) turn();
  }

  #tell(say: (watcher: Watcher) => void): void {
    for (const [connection, watcher] of this.#watchers) connection.push(() => say(watcher));
  }

  #forget(connection: Connection): void {
    this.#connections.delete(connection);
    this.#watchers.delete(connection);
  }
}
