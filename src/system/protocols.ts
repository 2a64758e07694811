import type { AnyProtocol } from '../runtime/protocol.ts';
import type { CoreProtocol } from './core-protocol.ts';
import type { ActorSpec } from './define-actor.ts';

type UnionToIntersection<U> = (U extends unknown ? (member: U) => void : never) extends (all: infer I) => void
  ? I
  : never;
type ProtocolOf<S> = S extends ActorSpec<infer P> ? (AnyProtocol extends P ? never : P) : never;

/** Everything that the actors of a system understand: the built-in protocols and those of the given specs. */
export type ProtocolsOf<A extends readonly ActorSpec[]> = [ProtocolOf<A[number]>] extends [never]
  ? CoreProtocol
  : CoreProtocol & UnionToIntersection<ProtocolOf<A[number]>>;
