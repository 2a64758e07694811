import type { Archive } from '../../actors/cache/archive.ts';
import type { CacheState } from '../../actors/cache/state.ts';
import type { WarmerState } from '../../actors/warmer/state.ts';
import type { ActorRef } from '../runtime/actor-ref.ts';
import type { EventBus } from '../runtime/events.ts';
import type { Instruments } from '../telemetry/instruments.ts';
import { observeProcess } from '../telemetry/process-metrics.ts';
import type { Near } from '../tiers/near.ts';
import type { HybridClock } from '../wire/hybrid-clock.ts';
import { UNREADABLE_REASONS } from '../wire/unreadable.ts';
import type { Failovers } from './failovers.ts';

export interface Observed {
  readonly events: EventBus;
  readonly instruments: Instruments;
  readonly refs: ReadonlyMap<string, ActorRef>;
  readonly cache: CacheState;
  readonly failovers: Failovers;
  readonly warming: WarmerState | undefined;
  readonly redisConfigured: boolean;
}

const BREAKER_STATES = ['closed', 'half-open', 'open'] as const;
const LOST_FOR: readonly string[] = ['ACTOR_CRASHED', 'ACTOR_UNAVAILABLE', 'OVERLOADED', 'STOPPING'];

/**
 * Turns the state of a system, and what happens in it, into metrics. The actors know nothing of it. Every series that
 * can be known is there from the start, at 0: a rate can be taken only of what was there before.
 */
export function observe(observed: Observed): void {
  const { events, instruments, refs, cache, failovers, warming, redisConfigured } = observed;
  const { journal, memory, leases } = cache;
  const mailboxes = 'Messages that wait for an answer, by actor.';
  const restarts = (actor: string) =>
    instruments.counter('understudy_actor_restarts_total', 'Restarts, by actor.', { actor });
  const deadLetters = (reason: string) =>
    instruments.counter('understudy_dead_letters_total', 'Messages that reached nobody, by reason.', {
      reason,
    });

  for (const [actor, ref] of refs) {
    instruments.gauge('understudy_mailbox_depth', mailboxes, () => ref.depth, { actor });
    restarts(actor);
  }
  for (const reason of LOST_FOR) deadLetters(reason);
  events.subscribe((event) => {
    if (event.type === 'actor.restarted') restarts(event.actor).add();
    else if (event.type === 'dead-letter') deadLetters(event.reason).add();
  });
  if (redisConfigured) observeBreaker(events, instruments);

  const gauge = (name: string, help: string, read: () => number) => instruments.gauge(name, help, read);
  const total = (name: string, help: string, read: () => number) => instruments.counterOf(name, help, read);
  gauge('understudy_journal_entries', 'Changes that Redis has not confirmed.', () => journal.size);
  const aside = 'Changes that Redis refuses although it is well; they are offered again.';
  gauge('understudy_journal_aside', aside, () => journal.aside.size);
  gauge('understudy_journal_bytes', 'Estimated size of the journal.', () => journal.bytes);
  total('understudy_journal_replayed_total', 'Changes brought to Redis afterwards.', () => journal.replayed);
  total('understudy_journal_refused_total', 'Changes that found the journal full.', () => journal.refused);
  const collapsed = 'Times that deletions found no room, and gave way to one invalidation of everything.';
  total('understudy_journal_collapsed_total', collapsed, () => journal.collapsed);
  const { mirror } = cache;
  const storeHelp = '1 while the journal has a store that outlives the process, and that works.';
  gauge('understudy_journal_store_up', storeHelp, () => (mirror?.up ? 1 : 0));
  const behind = 'Changes of the journal that its store has not got yet.';
  gauge('understudy_journal_store_behind', behind, () => mirror?.behind ?? 0);
  total(
    'understudy_journal_commits_total',
    'Commits to the store of the journal.',
    () => mirror?.commits ?? 0,
  );
  gauge('understudy_memory_entries', 'Entries in the memory tier.', () => memory.size);
  gauge('understudy_memory_bytes', 'Estimated size of the memory tier.', () => memory.bytes);
  total('understudy_memory_evictions_total', 'Entries pushed out by newer ones.', () => memory.evictions);
  for (const reason of UNREADABLE_REASONS) {
    const help = 'Stored texts that could not be read as values, by the reason; misses, all of them.';
    const read = () => cache.values.unreadable[reason];
    instruments.counterOf('understudy_unreadable_total', help, read, { reason });
  }
  gauge('understudy_leases', 'Leases to load that this process holds.', () => leases.size);
  gauge('understudy_loads_waiting', 'Keys that wait until they may be loaded.', () => leases.waiting);
  total('understudy_loads_refused_total', 'Loads that found the queue full.', () => leases.refused);
  if (cache.archive !== undefined) observeArchive(cache.archive, instruments);
  if (cache.near !== undefined) observeNear(cache.near, instruments, cache.time);
  if (warming !== undefined) observeWarmer(warming, instruments);
  if (redisConfigured) {
    total('understudy_failovers_total', 'Masters of Redis that were replaced.', () => failovers.count);
    for (const fate of ['restored', 'held', 'superseded', 'skipped'] as const) {
      const help = 'Recent changes that a failover may have lost, by what had become of them.';
      const read = () => cache.reassertion?.counts[fate] ?? 0;
      instruments.counterOf('understudy_reasserted_total', help, read, { fate });
    }
  }
  observeProcess(instruments);
}

function observeArchive(archive: Archive, instruments: Instruments): void {
  const { backlog } = archive;
  const gauge = (name: string, help: string, read: () => number) =>
    instruments.gauge(`understudy_durable_${name}`, help, read);
  const total = (name: string, help: string, read: () => number) =>
    instruments.counterOf(`understudy_durable_${name}_total`, help, read);
  gauge('up', '1 while the durable tier serves values, else 0.', () => (archive.up ? 1 : 0));
  gauge('behind', 'Changes that the durable tier has not got yet.', () => backlog.size);
  gauge('behind_bytes', 'Estimated size of those.', () => backlog.bytes);
  total('misses', 'Keys that the durable tier was asked for in vain.', () => archive.misses);
  total('dropped', 'Values that found no room among the changes for it.', () => backlog.dropped);
  const collapsed = 'Times that those changes gave way to one invalidation of all that it holds.';
  total('collapsed', collapsed, () => backlog.collapsed);
  total('refused', 'Changes that it cannot hold.', () => archive.refused);
  total('pruned', 'Rows that were over, and were deleted by this process.', () => archive.pruned);
}

function observeNear(near: Near, instruments: Instruments, time: HybridClock): void {
  const total = (name: string, help: string, read: () => number) => instruments.counterOf(name, help, read);
  const trusted = '1 while memory may answer in place of Redis, else 0.';
  instruments.gauge('understudy_near_trusted', trusted, () => (time.monotonic() <= near.until ? 1 : 0));
  total('understudy_near_invalidations_total', 'Keys heard to be changed.', () => near.invalidations);
  total('understudy_near_gaps_total', 'Times that changes may have been missed.', () => near.gaps);
}

function observeWarmer(warming: WarmerState, instruments: Instruments): void {
  const remaining = 'Keys that the warmer has still to read into memory, or to restore in Redis.';
  instruments.gauge('understudy_warmup_remaining', remaining, () => warming.remaining);
  for (const phase of ['reading', 'restoring'] as const) {
    const help = 'Keys that the warmer read into memory, or restored in a Redis that was emptied.';
    instruments.counterOf('understudy_warmup_keys_total', help, () => warming.warmed[phase], { phase });
  }
}

function observeBreaker(events: EventBus, instruments: Instruments): void {
  let current = 'open';
  const changes = (state: string) =>
    instruments.counter('understudy_breaker_changes_total', 'Changes of the circuit breaker, by new state.', {
      state,
    });
  for (const state of BREAKER_STATES) {
    const help = '1 for the state that the circuit breaker is in, 0 for the others.';
    instruments.gauge('understudy_breaker_state', help, () => (current === state ? 1 : 0), { state });
    changes(state);
  }
  events.subscribe((event) => {
    if (event.type !== 'breaker.changed') return;
    current = event.state;
    changes(event.state).add();
  });
}
