import { UnderstudyError } from '../runtime/errors.ts';
import type { SystemEvent } from '../runtime/events.ts';
import type { Ttl } from '../wire/ttl.ts';
import { durationOf } from './duration.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** The name of an event. */
export type EventType = SystemEvent['type'];
/** The event of a name. */
export type EventOf<T extends EventType> = Extract<SystemEvent, { readonly type: T }>;
/** Which events are meant: those with these fields, or those that a function says yes to. */
export type EventMatch<T extends EventType> = Partial<EventOf<T>> | ((event: EventOf<T>) => boolean);

/** Milliseconds of virtual time that `next` waits unless told otherwise. */
const PATIENCE = 60_000;

/** How many events the message of an error lists; it has all of them beside it. */
const LISTED = 20;

/** The event that was waited for did not happen. */
export class EventTimeout extends UnderstudyError {
  /** What happened while it was waited for, and before, since the last event that was waited for. */
  readonly happened: readonly SystemEvent[];

  constructor(type: EventType, patience: number, happened: readonly SystemEvent[]) {
    const lines = happened.slice(-LISTED).map((event) => `\n- ${JSON.stringify(event)}`);
    const more = happened.length > LISTED ? ` ${happened.length} events, at last` : '';
    const list = lines.length === 0 ? ' nothing' : more + lines.join('');
    super(
      'DEADLINE_EXCEEDED',
      `events.next: no such ${type} within ${patience} ms of virtual time; what happened:${list}`,
    );
    this.happened = happened;
  }
}

/** Everything that happens in a system, in order, from its start. */
export class EventRecorder {
  readonly #clock: VirtualClock;
  #events: SystemEvent[] = [];
  /** Events before it have been waited for, or were there before anybody could wait. */
  #seen = 0;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** For the system that is recorded. */
  readonly record = (event: SystemEvent): void => {
    this.#events.push(event);
  };

  /** All of them since the start, or since `clear`. */
  all(): readonly SystemEvent[] {
    return [...this.#events];
  }

  /** Those of one name, and among them those that match. */
  of<T extends EventType>(type: T, match: EventMatch<T> = {}): readonly EventOf<T>[] {
    return this.#events.filter((event) => isSuch(event, type, match));
  }

  /**
   * The first such event after the last one that `next` told of; after the start, for the first time. One that has
   * happened already is told at once; otherwise virtual time passes until it happens, at most `within` (default one minute).
   * Rejects with {@link EventTimeout}, which lists what happened instead.
   */
  async next<T extends EventType>(
    type: T,
    match: EventMatch<T> = {},
    options: { readonly within?: Ttl } = {},
  ): Promise<EventOf<T>> {
    const patience = durationOf('within', options.within ?? PATIENCE);
    const find = (): EventOf<T> | undefined => {
      for (const [at, event] of this.#events.entries()) {
        if (at < this.#seen || !isSuch(event, type, match)) continue;
        this.#seen = at + 1;
        return event;
      }
      return undefined;
    };
    let found = find();
    await this.#clock.advanceUntil(() => {
      found ??= find();
      return found !== undefined;
    }, patience);
    if (found === undefined) throw new EventTimeout(type, patience, this.#events.slice(this.#seen));
    return found;
  }

  /** Passes over what has happened: `next` tells of what comes from now on. */
  skip(): void {
    this.#seen = this.#events.length;
  }

  /** Forgets what has happened. */
  clear(): void {
    this.#events = [];
    this.#seen = 0;
  }
}

function isSuch<T extends EventType>(event: SystemEvent, type: T, match: EventMatch<T>): event is EventOf<T> {
  if (!isOf(event, type)) return false;
  if (typeof match === 'function') return match(event);
  const fields = new Map<string, unknown>(Object.entries(event));
  return Object.entries(match).every(([name, value]) => fields.get(name) === value);
}

function isOf<T extends EventType>(event: SystemEvent, type: T): event is EventOf<T> {
  return event.type === type;
}
