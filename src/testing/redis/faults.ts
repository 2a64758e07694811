/** What a command is to the server: what it may refuse is not the same for all. */
export type CommandKind = 'connect' | 'read' | 'write';

interface Fault {
  readonly message: string;
  readonly befalls: readonly CommandKind[];
  /** It ends the connections that there are. */
  readonly cuts?: boolean;
}

const EVERYTHING: readonly CommandKind[] = ['connect', 'read', 'write'];

/** How a simulated Redis can fail, by the code that a real one answers, or that the system tells of its connection. */
export const FAULTS = {
  ECONNREFUSED: { message: 'connect ECONNREFUSED', befalls: ['connect'], cuts: true },
  ECONNRESET: { message: 'read ECONNRESET', befalls: EVERYTHING, cuts: true },
  MAXCLIENTS: { message: 'ERR max number of clients reached', befalls: ['connect'], cuts: true },
  WRONGPASS: {
    message: 'WRONGPASS invalid username-password pair or user is disabled.',
    befalls: ['connect'],
    cuts: true,
  },
  NOAUTH: { message: 'NOAUTH Authentication required.', befalls: EVERYTHING },
  LOADING: { message: 'LOADING Redis is loading the dataset in memory', befalls: EVERYTHING },
  BUSY: { message: 'BUSY Redis is busy running a script.', befalls: EVERYTHING },
  MASTERDOWN: { message: 'MASTERDOWN Link with MASTER is down', befalls: EVERYTHING },
  CLUSTERDOWN: { message: 'CLUSTERDOWN The cluster is down', befalls: EVERYTHING },
  READONLY: { message: 'READONLY You may not write against a read only replica.', befalls: ['write'] },
  OOM: { message: 'OOM command not allowed when used memory exceeds maxmemory.', befalls: ['write'] },
  MISCONF: { message: 'MISCONF Errors writing to the RDB file', befalls: ['write'] },
  NOREPLICAS: { message: 'NOREPLICAS Not enough good replicas to write.', befalls: ['write'] },
  NOPERM: { message: 'NOPERM this user has no permissions to run this command', befalls: ['write'] },
} as const satisfies Record<string, Fault>;

/** Code of a fault that {@link TestRedis.fail} knows. */
export type FaultCode = keyof typeof FAULTS;

/** A failure that is in force. */
export class Failure {
  readonly #befalls: readonly CommandKind[];
  readonly cuts: boolean;
  readonly #make: () => Error;

  constructor(fault: FaultCode | Error) {
    const {
      befalls,
      cuts = false,
      message,
    }: Fault = typeof fault === 'string' ? FAULTS[fault] : { befalls: EVERYTHING, message: fault.message };
    this.#befalls = befalls;
    this.cuts = cuts;
    this.#make = () => (typeof fault === 'string' ? failureOf(fault, message) : fault);
  }

  /** Throws where it befalls such a command. */
  strike(kind: CommandKind): void {
    if (this.#befalls.includes(kind)) throw this.#make();
  }
}

/** What the client makes of it: the system's errors have a code, the server's replies a name. */
function failureOf(code: FaultCode, message: string): Error {
  const error = new Error(message);
  if (code.startsWith('E')) return Object.assign(error, { code });
  error.name = 'ReplyError';
  return error;
}
