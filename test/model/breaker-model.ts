import { BREAKER } from './breaker-options.ts';
import type { Part, Weather } from './scripted-tier.ts';

type State = 'open' | 'half-open' | 'closed';
type Lane = 'read' | 'write';
type End = Weather | 'timeout';

/** One generation: what is counted of it, whom nobody hears any more once there is another. */
interface Generation {
  readonly consecutive: Record<Lane, number>;
  calls: number;
  failures: number;
  /** Cancels what it set for later. */
  readonly timers: Set<Task>;
}

interface Task {
  readonly due: number;
  readonly run: () => void;
}

/** What an asker is told. */
export type Told = 'answered' | 'REDIS_UNAVAILABLE' | undefined;

/** What a circuit breaker is to do, as a simulation of one page: no opossum, no machine, no promises. */
export class BreakerModel {
  readonly weather: Record<Part, Weather> = { connect: 'well', read: 'well', write: 'well' };
  state: State = 'open';
  generation = 0;
  trips = 0;
  connected = false;
  readonly calls: string[] = [];
  readonly told: Told[] = [];
  readonly states: State[] = [];
  readonly hanging: ((how: Weather) => void)[] = [];
  readonly #errorRate: number;
  #now = 0;
  #failedTrials = 0;
  #current: Generation = newGeneration();
  #connection = 0;
  readonly #tasks = new Set<Task>();
  /** What happens in this turn, but after what is going on. */
  readonly #soon: (() => void)[] = [];

  constructor(errorRate: number) {
    this.#errorRate = errorRate;
    this.#enter('open');
    this.#settle();
  }

  send(call: 'read' | 'scan' | 'write' | 'replay', count: number): void {
    for (let each = 0; each < count; each++) this.#send(call);
    this.#settle();
  }

  /** A call that hangs is answered after all. */
  answer(at: number, how: Weather): void {
    this.hanging[at]?.(how);
    this.hanging.splice(at, 1);
    this.#settle();
  }

  advance(milliseconds: number): void {
    const until = this.#now + milliseconds;
    for (let task = this.#next(until); task !== undefined; task = this.#next(until)) {
      this.#tasks.delete(task);
      this.#now = task.due;
      task.run();
      this.#settle();
    }
    this.#now = until;
  }

  #enter(next: State): void {
    for (const timer of this.#current.timers) this.#tasks.delete(timer);
    const generation = newGeneration();
    this.#current = generation;
    if (this.state === 'closed' && next === 'open') this.trips++;
    if (next === 'closed') this.#failedTrials = 0;
    else if (this.state === 'half-open') this.#failedTrials++;
    this.state = next;
    this.generation++;
    this.states.push(next);
    if (next === 'open') {
      this.#disconnect();
      this.#later(BREAKER.resetTimeout, () => this.#enter('half-open'), generation);
      if (this.#failedTrials === 0) this.#tryToConnect(generation, 0);
      else this.#tryLater(generation, 0);
    } else if (next === 'half-open') this.#pass('probe', 'write', () => {});
    else this.#beat(generation);
  }

  #tryToConnect(generation: Generation, failures: number): void {
    this.#call('connect', (how) => {
      // An answer to an earlier generation says nothing of today.
      if (generation !== this.#current) return;
      if (how === 'well') this.#enter('half-open');
      else this.#tryLater(generation, failures + 1);
    });
  }

  /** Backing off, also from a Redis that takes connections and then fails. */
  #tryLater(generation: Generation, failures: number): void {
    const { min, max } = BREAKER.probe;
    const step = Math.min(max, min * 2 ** (this.#failedTrials + failures));
    this.#later(step * 0.75, () => this.#tryToConnect(generation, failures), generation);
  }

  #beat(generation: Generation): void {
    const beat = (): void =>
      this.#pass('probe', 'write', () => {
        if (generation === this.#current) this.#beat(generation);
      });
    this.#later(BREAKER.heartbeat, beat, generation);
  }

  #send(call: string): void {
    const at = this.told.push(undefined) - 1;
    if (this.state !== 'closed') {
      this.told[at] = 'REDIS_UNAVAILABLE';
      return;
    }
    const generation = this.#current;
    this.#pass(call, call === 'read' || call === 'scan' ? 'read' : 'write', (how) => {
      this.told[at] = how === 'well' || how === 'partly' ? 'answered' : 'REDIS_UNAVAILABLE';
      // A connection that hangs is replaced; but not one that was made since.
      if (how === 'timeout' && generation === this.#current && this.connected)
        this.#call('connect', () => {});
    });
  }

  /** Through the gate: timed, and counted in the generation in which it began. */
  #pass(call: string, lane: Lane, ended: (how: End) => void): void {
    const generation = this.#current;
    generation.calls++;
    let over = false;
    const end = (how: End): void => {
      if (over) return;
      over = true;
      this.#tasks.delete(timer);
      if (generation === this.#current) this.#count(generation, lane, how);
      ended(how);
    };
    const timer = this.#later(BREAKER.timeout, () => end('timeout'));
    this.#call(call, end);
  }

  #count(generation: Generation, lane: Lane, how: End): void {
    if (how === 'well' || how === 'refuses') {
      generation.consecutive[lane] = 0;
      if (this.state === 'half-open') this.#enter('closed');
      return;
    }
    generation.failures++;
    const rate = generation.failures / generation.calls;
    const often = generation.calls >= BREAKER.minimum && rate > this.#errorRate;
    const consecutive = ++generation.consecutive[lane];
    if (this.state === 'half-open' || often || consecutive >= BREAKER.failures) this.#enter('open');
  }

  /** Redis as ScriptedTier plays it. */
  #call(call: string, ended: (how: Weather) => void): void {
    this.calls.push(call);
    const connects = call === 'connect' || (call === 'probe' && !this.connected);
    if (connects) this.#disconnect();
    const connection = this.#connection;
    const end = (how: Weather): void => {
      if (connects && how === 'well' && connection === this.#connection) this.connected = true;
      ended(how);
    };
    const part: Part = connects ? 'connect' : call === 'read' || call === 'scan' ? 'read' : 'write';
    const weather = connects || this.connected ? this.weather[part] : 'fails';
    if (weather === 'hangs') this.hanging.push(end);
    else this.#soon.push(() => end(weather));
  }

  #disconnect(): void {
    this.#connection++;
    this.connected = false;
  }

  #later(milliseconds: number, run: () => void, generation?: Generation): Task {
    const task = { due: this.#now + milliseconds, run };
    this.#tasks.add(task);
    generation?.timers.add(task);
    return task;
  }

  #next(until: number): Task | undefined {
    let first: Task | undefined;
    for (const task of this.#tasks) {
      if (task.due <= until && (first === undefined || task.due < first.due)) first = task;
    }
    return first;
  }

  #settle(): void {
    for (let next = this.#soon.shift(); next !== undefined; next = this.#soon.shift()) next();
  }
}

function newGeneration(): Generation {
  return { consecutive: { read: 0, write: 0 }, calls: 0, failures: 0, timers: new Set() };
}
