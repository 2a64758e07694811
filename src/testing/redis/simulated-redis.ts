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

/** A Redis server in memory, on virtual time, whose data outlives its troubles. */
export class SimulatedRedis {
  readonly keyspace: Keyspace;
  /** Replicas that confirm what is written. */
  replicas = 0;
  readonly #clock: Clock;
  readonly #connections = new Set<Connection>();
  /** What waits while it is frozen, in order; undefined when it is not. */
  #backlog: (() => void)[] | undefined;
  #failure: Failure | undefined;
  /** Milliseconds from a command to its answer. */
  #delay = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.keyspace = new Keyspace(clock);
  }

  /** A connection, as yet of a stranger: what cannot be reached does not show before the first command. */
  accept(): Connection {
    for (const connection of this.#connections) if (!connection.open) this.#connections.delete(connection);
    const connection = new Connection(this.#clock, () => this.#delay / 2);
    this.#connections.add(connection);
    return connection;
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
    if (this.#failure.cuts) for (const connection of this.#connections) connection.close();
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
}
