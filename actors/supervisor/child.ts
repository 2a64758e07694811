import type { AnyActorLogic } from 'xstate';
import type { ActorRef } from '../../src/runtime/actor-ref.ts';
import {
  type Behaviour,
  type Crash,
  type Incarnation,
  logicOf,
  mailTo,
} from '../../src/runtime/behaviour.ts';
import type { ActorContext, ChildSpec } from '../../src/runtime/child-spec.ts';
import type { UnderstudyError } from '../../src/runtime/errors.ts';
import { safeCopy } from '../../src/telemetry/safe-error.ts';
import { endingWhole } from './ending-whole.ts';
import type { ChildReport } from './messages.ts';

const DEFAULT_SHUTDOWN = 1_000;

/** One supervised child across its incarnations. */
export class Child {
  readonly spec: ChildSpec;
  readonly ref: ActorRef;
  state: ChildReport['state'] = 'down';
  restarts = 0;
  lastError: string | undefined;
  /** Counts incarnations, so that a late failure of an old one does not end the present one. */
  incarnation = 0;
  /** No further incarnation will come: its ref refuses for ever. */
  ended = false;
  readonly #context: Omit<ActorContext, 'crash' | 'self'>;

  constructor(spec: ChildSpec, ref: ActorRef, context: Omit<ActorContext, 'crash' | 'self'>) {
    this.spec = spec;
    this.ref = ref;
    this.#context = context;
  }

  get restart(): NonNullable<ChildSpec['restart']> {
    return this.spec.restart ?? 'permanent';
  }

  get shutdown(): number {
    return this.spec.shutdown ?? DEFAULT_SHUTDOWN;
  }

  /** Logic of the next incarnation. It attaches itself to the ref once it has started. */
  next(fail: (incarnation: number, error: unknown) => void): AnyActorLogic {
    const incarnation = ++this.incarnation;
    this.state = 'up';
    const crash: Crash = (error) => fail(incarnation, error);
    let logic: AnyActorLogic;
    try {
      logic = asLogic(this.spec.start({ ...this.#context, self: this.ref, crash }));
    } catch (error) {
      // Fails as an actor fails, where the supervisor sees it.
      logic = logicOf(() => {
        throw error;
      });
    }
    return attaching(logic, (self) => {
      // Not on the supervisor's stack: while it starts a child it does not hear of the crash that what waited may cause.
      queueMicrotask(() => {
        if (this.incarnation === incarnation && this.state === 'up') this.ref.attach(self);
      });
    });
  }

  /** The id of the envelope that it was working on, if it was. */
  crashed(error: unknown): number | undefined {
    this.state = 'restarting';
    // Everybody whose message it held is told, and the report is public: it may quote the message of one of them.
    const safe = safeCopy(error);
    this.lastError = safe.message;
    return this.ref.crashed(safe);
  }

  /** No further incarnation will come; `error` is what everybody is told. */
  end(error: UnderstudyError): void {
    this.state = 'down';
    if (this.ended) return;
    this.ended = true;
    this.ref.refuse(error);
  }

  report(): ChildReport {
    const { state, restart, restarts, lastError } = this;
    return { id: this.spec.id, state, restart, restarts, depth: this.ref.depth, lastError };
  }
}

function asLogic(started: Behaviour | AnyActorLogic): AnyActorLogic {
  return 'receive' in started ? logicOf(() => started) : endingWhole(started);
}

/** The same logic, telling when an actor of it has started. */
function attaching(logic: AnyActorLogic, onStart: (self: Incarnation) => void): AnyActorLogic {
  const attached: AnyActorLogic = Object.create(logic);
  attached.start = (snapshot, scope) => {
    logic.start?.call(attached, snapshot, scope);
    onStart(mailTo(scope.self));
  };
  return attached;
}
