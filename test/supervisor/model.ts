import { planRestart, type Restart, type Strategy } from '../../src/runtime/child-spec.ts';

export const LIMITS = { intensity: 4, period: 3_000 };
export const BACKOFF = { min: 100, max: 1_000 };

export interface ModelChild {
  readonly id: string;
  readonly restart: Restart;
  state: 'up' | 'restarting' | 'down';
  starts: number;
  failsNextStart: boolean;
}

/** What a supervisor is to do, in a few lines: no actors, no events, no timers. */
export class Model {
  readonly children: readonly ModelChild[];
  readonly #strategy: Strategy;
  #now = 0;
  #spent: number[] = [];
  #pending: { due: number; ids: readonly string[] }[] = [];
  failed = false;

  constructor(strategy: Strategy, restarts: readonly Restart[]) {
    this.#strategy = strategy;
    this.children = restarts.map((restart, at) => ({
      id: `child-${at}`,
      restart,
      state: 'up',
      starts: 1,
      failsNextStart: false,
    }));
  }

  get state(): string {
    if (this.failed) return 'failed';
    const degraded = this.children.some(({ state, restart }) => state !== 'up' && restart === 'permanent');
    return degraded ? 'degraded' : 'running';
  }

  child(id: string): ModelChild {
    const child = this.children.find((other) => other.id === id);
    if (child === undefined) throw new Error(`no child ${id}`);
    return child;
  }

  crash(id: string): void {
    const child = this.child(id);
    if (child.restart === 'temporary') {
      child.state = 'down';
      return;
    }
    this.#spent = this.#spent.filter((at) => this.#now - at < LIMITS.period);
    if (this.#spent.length >= LIMITS.intensity) {
      this.failed = true;
      this.#pending = [];
      for (const each of this.children) each.state = 'down';
      return;
    }
    const attempt = this.#spent.push(this.#now) - 1;
    child.state = 'restarting';
    const plan = planRestart(
      this.#strategy,
      this.children.map((each) => each.id),
      id,
    );
    for (const other of plan.stop.map((name) => this.child(name))) {
      if (other.state === 'up') other.state = other.restart === 'temporary' ? 'down' : 'restarting';
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
      this.#start(ids);
    }
    this.#now = until;
  }

  #start(ids: readonly string[]): void {
    const started = ids.map((id) => this.child(id));
    const failing = started.filter((child) => child.failsNextStart);
    for (const child of started) {
      child.state = 'up';
      child.starts++;
      child.failsNextStart = false;
    }
    for (const child of failing) if (child.state === 'up') this.crash(child.id);
  }

  #next(until: number): { due: number; ids: readonly string[] } | undefined {
    return this.#pending.filter(({ due }) => due <= until).toSorted((a, b) => a.due - b.due)[0];
  }
}
