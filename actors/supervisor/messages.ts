import type { Restart, Strategy } from '../../src/runtime/child-spec.ts';
import type { SystemState } from '../../src/runtime/events.ts';
import type { MessageOf, Protocol } from '../../src/runtime/protocol.ts';

export interface ChildReport {
  readonly id: string;
  readonly state: 'up' | 'restarting' | 'down';
  readonly restart: Restart;
  /** Restarts since the system started. */
  readonly restarts: number;
  /** Messages that wait for an answer. */
  readonly depth: number;
  /** What the last crash said. */
  readonly lastError: string | undefined;
}

export interface SupervisorTree {
  readonly state: SystemState;
  readonly strategy: Strategy;
  /** In start order. */
  readonly children: readonly ChildReport[];
}

/** What the supervisor understands. */
export type SupervisorProtocol = Protocol<{
  'supervisor.tree': { request: object; reply: SupervisorTree };
}>;

export type SupervisorMessage = MessageOf<SupervisorProtocol>;
