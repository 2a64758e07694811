import type { LeaseAnswer } from '../../src/tiers/lease.ts';
import {
  BatchFailure,
  DONE,
  type Outcome,
  type ProbeReport,
  type RemoteTier,
  type ScanPage,
} from '../../src/tiers/tier.ts';

/** How Redis takes what is asked of it. `partly`: the batch counts as failed, and each change has its own outcome. */
export type Weather = 'well' | 'fails' | 'refuses' | 'partly' | 'hangs';

/** The parts of Redis that have a weather of their own. */
export type Part = 'connect' | 'read' | 'write';

interface Hanging {
  end(how: Weather): void;
}

const REPORT: ProbeReport = { serverTime: 1_784_116_800_000, roundTrip: 1 };
const OUTCOMES: readonly Outcome[] = [DONE];

/** A Redis that does what the test says. Nothing ends what hangs, not even the connection: so answers may come very late. */
export class ScriptedTier implements RemoteTier {
  readonly name = 'redis';
  readonly address = { host: 'scripted', port: undefined };
  readonly weather: Record<Part, Weather> = { connect: 'well', read: 'well', write: 'well' };
  connected = false;
  /** What was asked of it, in order. */
  readonly calls: string[] = [];
  readonly hanging: Hanging[] = [];
  readonly #onCall: (call: string) => void;
  #connection = 0;

  constructor(onCall: (call: string) => void) {
    this.#onCall = onCall;
  }

  connect(): Promise<ProbeReport> {
    this.#called('connect');
    return this.#connect();
  }

  async probe(): Promise<ProbeReport> {
    this.#called('probe');
    return this.connected ? this.#answer('write', REPORT) : this.#connect();
  }

  disconnect(): void {
    this.#connection++;
    this.connected = false;
  }

  async read(): Promise<readonly (string | null)[]> {
    return this.#carried('read', 'read', [null]);
  }

  async scan(): Promise<ScanPage> {
    return this.#carried('scan', 'read', { keys: [], cursor: undefined });
  }

  async write(): Promise<readonly Outcome[]> {
    return this.#carried('write', 'write', OUTCOMES);
  }

  async replay(): Promise<readonly Outcome[]> {
    return this.#carried('replay', 'write', OUTCOMES);
  }

  async clear(): Promise<void> {
    await this.#carried('clear', 'write', undefined);
  }

  async recall(): Promise<string | null> {
    return this.#carried('recall', 'read', null);
  }

  async remember(): Promise<boolean> {
    return this.#carried('remember', 'write', true);
  }

  async lease(): Promise<readonly LeaseAnswer[]> {
    return this.#carried('lease', 'write', []);
  }

  async scanLeases(): Promise<ScanPage> {
    return this.#carried('scan', 'read', { keys: [], cursor: undefined });
  }

  async #connect(): Promise<ProbeReport> {
    this.disconnect();
    const connection = this.#connection;
    const report = await this.#answer('connect', REPORT);
    if (connection === this.#connection) this.connected = true;
    return report;
  }

  #carried<T>(call: string, part: Part, reply: T): Promise<T> {
    this.#called(call);
    return this.connected ? this.#answer(part, reply) : Promise.reject(new Error('not connected'));
  }

  #called(call: string): void {
    this.calls.push(call);
    this.#onCall(call);
  }

  #answer<T>(part: Part, reply: T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const end = (how: Weather): void => {
        if (how === 'well') resolve(reply);
        else reject(errorOf(how));
      };
      const weather = this.weather[part];
      if (weather === 'hangs') this.hanging.push({ end });
      else end(weather);
    });
  }
}

function errorOf(how: Weather): Error {
  if (how === 'refuses') return new Error('NOPERM this user has no permissions');
  const outage = new Error('LOADING Redis is loading the dataset in memory');
  return how === 'partly' ? new BatchFailure(OUTCOMES, outage) : outage;
}
