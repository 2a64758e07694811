interface ErrorRow {
  readonly status: number;
  readonly retryable: boolean;
  readonly advice: string;
}

/** Every error Understudy raises: HTTP status, whether the same call may succeed later, and what to do. */
export const ERROR_TABLE = {
  INVALID_KEY: {
    status: 400,
    retryable: false,
    advice:
      'Pass a non-empty string of at most 1024 UTF-8 bytes; where a key is made of arguments, plain data.',
  },
  INVALID_VALUE: {
    status: 400,
    retryable: false,
    advice: 'Pass a value that the codec can hold; undefined means "not found" and cannot be stored.',
  },
  INVALID_TTL: {
    status: 400,
    retryable: false,
    advice: "Pass milliseconds (a whole number above 0) or a string like '5m'; at most 3650 days.",
  },
  INVALID_OPTION: {
    status: 400,
    retryable: false,
    advice: 'Remove or correct the option that the message names.',
  },
  INVALID_MESSAGE: {
    status: 400,
    retryable: false,
    advice: 'Send the fields that docs/messages.md lists for this message type.',
  },
  UNKNOWN_MESSAGE: {
    status: 404,
    retryable: false,
    advice: 'Use a message type listed in docs/messages.md.',
  },
  INVALID_CONFIG: { status: 500, retryable: false, advice: 'Correct every problem that the message lists.' },
  NOT_A_NUMBER: {
    status: 409,
    retryable: false,
    advice: 'increment works on numbers only; set the key to a number or delete it first.',
  },
  SEALED: {
    status: 409,
    retryable: false,
    advice: 'Keep counters at keys whose values are not sealed: Redis can add only to what it can read.',
  },
  INVALID_REQUEST: {
    status: 400,
    retryable: false,
    advice: 'Send a well-formed HTTP/1.1 request.',
  },
  UNAUTHORIZED: { status: 401, retryable: false, advice: 'Send the configured bearer token.' },
  NOT_FOUND: { status: 404, retryable: false, advice: 'Use one of the paths listed in README.md.' },
  METHOD_NOT_ALLOWED: {
    status: 405,
    retryable: false,
    advice: 'Use one of the methods that the Allow header lists.',
  },
  REQUEST_TIMEOUT: {
    status: 408,
    retryable: true,
    advice: 'Send the whole request within ten seconds.',
  },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    retryable: false,
    advice: 'Send a smaller body or raise http.bodyLimit.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    retryable: false,
    advice: 'Send the body as application/json.',
  },
  HEADERS_TOO_LARGE: {
    status: 431,
    retryable: false,
    advice: 'Send fewer or shorter headers.',
  },
  OVERLOADED: {
    status: 503,
    retryable: true,
    advice: 'Slow down and retry with backoff, or raise mailbox.capacity.',
  },
  JOURNAL_FULL: {
    status: 503,
    retryable: true,
    advice:
      'Redis has been out too long for the journal bound; retry later or raise journal.maxEntries/maxBytes.',
  },
  JOURNAL_LOCKED: {
    status: 503,
    retryable: true,
    advice:
      'Stop the process that the message names, or give this one a directory of its own. Where it ran on another machine and is dead, remove understudy.lock.',
  },
  DEADLINE_EXCEEDED: {
    status: 504,
    retryable: true,
    advice: 'Retry, or allow a longer deadline for this call.',
  },
  ABORTED: { status: 499, retryable: true, advice: 'The caller aborted the call through its signal.' },
  ACTOR_CRASHED: {
    status: 500,
    retryable: true,
    advice:
      'The actor crashed while it held this message and is being restarted; retry if the operation may repeat.',
  },
  ACTOR_UNAVAILABLE: {
    status: 503,
    retryable: true,
    advice:
      'The actor spent its restart budget and is down; see the supervisor tree in /health and restart the process.',
  },
  REDIS_UNAVAILABLE: {
    status: 503,
    retryable: true,
    advice: 'Redis cannot answer now; the cache answers from memory and journals writes meanwhile.',
  },
  LOAD_FAILED: {
    status: 502,
    retryable: true,
    advice:
      'Whoever held the lease could not load the value; the cause is what it reported. Retry with backoff.',
  },
  LOADS_EXHAUSTED: {
    status: 503,
    retryable: true,
    advice:
      'The process loads as much as it may; retry with backoff, or raise load.concurrency or load.queue.',
  },
  STARTING: {
    status: 503,
    retryable: true,
    advice: 'Retry in a moment: Redis is being looked for.',
  },
  STOPPING: {
    status: 503,
    retryable: true,
    advice: 'The system is draining or stopped; send to another instance.',
  },
  INTERNAL: {
    status: 500,
    retryable: false,
    advice: 'This is a defect in Understudy; report it with the log entry.',
  },
} as const satisfies Record<string, ErrorRow>;

/** Code of an {@link UnderstudyError}. */
export type ErrorCode = keyof typeof ERROR_TABLE;

const BRAND = Symbol.for('understudy.error');

/** The only error class Understudy throws. `code` tells which row of the error table it is. */
export class UnderstudyError extends Error {
  readonly code: ErrorCode;
  /** HTTP status that fits this error. */
  readonly status: number;
  /** Whether the same call may succeed later, unchanged. */
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'UnderstudyError';
    this.code = code;
    this.status = ERROR_TABLE[code].status;
    this.retryable = ERROR_TABLE[code].retryable;
    // A registered symbol, not instanceof: two copies of the package in one process must recognise each other's errors.
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** What to do about it. */
  get advice(): string {
    return ERROR_TABLE[this.code].advice;
  }
}

/** True for errors of any copy of this package in the process; narrows to a `code` when one is given. */
export function isUnderstudyError(error: unknown, code?: ErrorCode): error is UnderstudyError {
  if (!(error instanceof Error) || !(BRAND in error)) return false;
  return code === undefined || ('code' in error && error.code === code);
}
