import type { onRequestHookHandler } from 'fastify';
import type { HealthReport } from '../../actors/health/messages.ts';
import type { Message } from '../runtime/protocol.ts';
import type { FamilyReading } from '../telemetry/readings.ts';

/** `starting`: Redis is being looked for. */
export type Phase = 'starting' | 'serving' | 'draining';

/** A system as it is seen from outside, whatever its actors understand: an `Understudy` of any protocol. */
export interface ServedSystem {
  ask(message: Message, options?: { readonly deadline?: number }): Promise<unknown>;
  send(message: Message): void;
  health(): Promise<HealthReport>;
  metrics(): Promise<readonly FamilyReading[]>;
}

/** What the routes share. */
export interface HttpContext {
  readonly understudy: ServedSystem;
  readonly phase: () => Phase;
  /** Lets in who may ask. */
  readonly guard: onRequestHookHandler;
  /** Lets in what may still begin. */
  readonly admit: onRequestHookHandler;
}
