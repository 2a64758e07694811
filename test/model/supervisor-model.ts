import { planRestart, type Restart, type Strategy } from '../../src/runtime/child-spec.ts';
import { ModelMailbox } from './mailbox-model.ts';

export const LIMITS = { intensity: 4, period: 3_000 };
export const BACKOFF = { min: 100, max: 1_000 };
/** Milliseconds that a child may take to drain. */
export const SHUTDOWN = 1_000;

/** What is drawn of a child. `slow`: it drains when it is told to, or is stopped when its time is over. */
export interface Kind {
  readonly restart: Restart;
  readonly slow: boolean;
  readonly witness: boolean;
}

interface ModelChild extends Kind {
  readonly id: string;
  readonly mailbox: ModelMailbox;
  state: 'up' | 'restarting' | 'down';
  /** It started, and has not been stopped. */
  alive: boolean;
  starts: number;
  failsNextStart: boolean;
}

/** What a supervisor is to do, in a few lines: no actors, no events, no timers. */
export class SupervisorModel {
  readonly children: readonly ModelChild[];
  /** Every start and stop of an incarnation, in order. */
  readonly journal: string[] = [];
  readonly #strategy: Strategy;
  #now = 0;
  #spent: number[] = [];
  #pending: { due: number; ids: readonly string[] }[] = [];
  #failed = false;
  /** Those that are still to be drained, the last first, once it drains; nobody is, once it has stopped. */
  #drains: ModelChild[] | undefined;
  #stopped = false;
  drainsSince = 0;

  constructor(strategy: Strategy, kinds: readonly Kind[]) {
    this.#strategy = strategy;
    this.children = kinds.map((kind, at) => ({
      ...kind,
      id: `child-${at}`,
      mailbox: new ModelMailbox(),
      state: 'restarting',
      alive: false,
      starts: 0,
      failsNextStart: false,
    }));
    this.#start(this.children);
  }

  get state(): string {
    if (this.#stopped) return 'stopped';
    if (this.#drains !== undefined) return 'draining';
    if (this.#failed) return 'failed';
    const degraded = this.children.some(({ state, restart }) => state !== 'up' && restart === 'permanent');
    return degraded ? 'degraded' : 'running';
  }

  /** The slow one that is being drained. */
  get draining(): ModelChild | undefined {
    return this.#drains?.[0];
  }

  get elapsed(): number {
    return this.#now - this.drainsSince;
  }

  child(id: string): ModelChild {
    const child = this.children.find((other) => other.id === id);
    if (child === undefined) throw new Error(`no child ${id}`);
    return child;
  }

  crash(id: string): void {
    const child = this.child(id);
    this.#ends(child, 'restarting');
    if (this.#drains !== undefined || this.#failed || child.restart === 'temporary') {
      this.#gone(child);
      if (this.#drains?.[0] === child) this.drained();
      return;
    }
    this.#spent = this.#spent.filter((at) => this.#now - at < LIMITS.period);
    if (this.#spent.length >= LIMITS.intensity) {
      this.#failed = true;
      this.#pending = [];
      for (const each of this.children.toReversed())
        if (!each.witness || each.state !== 'up') this.#gone(each);
      return;
    }
    const attempt = this.#spent.push(this.#now) - 1;
    const order = this.children.map((each) => each.id);
    const plan = planRestart(this.#strategy, order, id);
    for (const other of plan.stop.map((name) => this.child(name))) {
      if (other.state !== 'up') continue;
      this.#ends(other, 'restarting');
      if (other.restart === 'temporary') this.#gone(other);
    }
    const ids = plan.start.filter((name) => this.child(name).state !== 'down');
    this.#pending = this.#pending.filter((other) => !other.ids.some((name) => ids.includes(name)));
    const step = Math.min(BACKOFF.max, BACKOFF.min * 2 ** (attempt - 1));
    this.#pending.push({ due: this.#now + (attempt === 0 ? 0 : step * 0.75), ids });
  }

  advance(milliseconds: number): void {
    const until = this.#now + milliseconds;
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      const { due, ids } = next;
      this.#pending = this.#pending.filter((other) => other !== next);
      this.#now = Math.max(this.#now, due);
      this.#start(ids.map((id) => this.child(id)));
    }
    this.#now = until;
  }

  /** It is told to stop: the last that was started is drained first. */
  drain(): void {
    this.#pending = [];
    if (this.#failed) this.#stop();
    else {
      this.#drains = this.children.toReversed();
      this.#drainNext();
    }
  }

  /** The one that is being drained has done so, or its time is over. */
  drained(): void {
    const child = this.#drains?.shift();
    if (child !== undefined) {
      if (child.alive) this.journal.push(`stop ${child.id}`);
      // Whoever asks one that crashed meanwhile is told of that.
      if (child.state !== 'down') child.mailbox.refuse('STOPPING');
      child.alive = false;
      child.state = 'down';
    }
    this.#drainNext();
  }

  #drainNext(): void {
    const child = this.#drains?.[0];
    if (child === undefined) this.#stop();
    else {
      this.drainsSince = this.#now;
      child.mailbox.close('STOPPING');
      if (!child.slow || child.state !== 'up') this.drained();
    }
  }

  #stop(): void {
    this.#stopped = true;
    for (const child of this.children) {
      if (child.state === 'up') {
        if (child.alive) this.journal.push(`stop ${child.id}`);
        child.mailbox.refuse('STOPPING');
      }
      child.alive = false;
      child.state = 'down';
    }
  }

  #start(children: readonly ModelChild[]): void {
    const failing = children.filter((child) => child.failsNextStart);
    for (const child of children) {
      child.state = 'up';
      child.starts++;
      child.alive = !child.failsNextStart;
      child.failsNextStart = false;
      if (child.alive) this.journal.push(`start ${child.id}`);
    }
    for (const child of failing) if (child.state === 'up') this.crash(child.id);
    for (const child of children) if (child.state === 'up' && child.alive) child.mailbox.attach(child.starts);
  }

  #ends(child: ModelChild, state: 'restarting' | 'down'): void {
    if (child.alive) this.journal.push(`stop ${child.id}`);
    child.alive = false;
    child.state = state;
    child.mailbox.crash();
  }

  /** For good. */
  #gone(child: ModelChild): void {
    if (child.alive) this.journal.push(`stop ${child.id}`);
    child.alive = false;
    child.state = 'down';
    child.mailbox.refuse('ACTOR_UNAVAILABLE');
  }

  #next(until: number): { due: number; ids: readonly string[] } | undefined {
    return this.#pending.filter(({ due }) => due <= until).toSorted((a, b) => a.due - b.due)[0];
  }
}
