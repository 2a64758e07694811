/** Every default, in one place. Times are in milliseconds, sizes in bytes unless the name says otherwise. */
export const DEFAULTS = {
  prefix: 'understudy:',
  /** Time to live of a value that is set without one. */
  ttl: '1h',
  /** Within which every cache operation is answered. */
  deadline: 500,
  /** Largest value, in characters of its encoded form. */
  maxValueLength: 8_388_608,
  redis: {
    database: 0,
    connectTimeout: 1_000,
    /** One round trip: a batch that takes longer has failed. */
    commandTimeout: 250,
    /** How long a deletion is remembered in Redis, so that no late replay undoes it. */
    tombstoneTtl: '10m',
    /** How long Redis remembers which increments were made, so that none is made twice. */
    receiptTtl: '1d',
  },
  /** How values are written: plain JSON, and tags in it for what that would lose. */
  codec: 'json',
  /** None. Where there is: from how many bytes on, and from how many on aside of the event loop. */
  compression: { algorithm: 'none', threshold: 1_024, offload: 32_768 },
  seal: { mode: 'none' },
  memory: {
    maxEntries: 1_000,
    maxBytes: 268_435_456,
    /** Of a value that somebody else wrote to Redis and that does not say how long it is fresh. */
    foreignTtl: '1m',
    isolation: 'copy',
  },
  /** Reads that memory answers in place of Redis: none. Where there are, how far they may be behind. */
  near: { enabled: false, staleness: '1s' },
  batch: { maxKeys: 64, maxBytes: 262_144, maxInFlight: 32 },
  breaker: {
    /** Consecutive failed round trips that open it. */
    failures: 5,
    /** Share of failed round trips within the window that opens it, once there were `minimum` of them. */
    errorRate: 0.5,
    minimum: 20,
    window: 10_000,
    /** At the latest after this long it tries Redis again. */
    resetTimeout: 30_000,
    probe: { min: 50, max: 1_000 },
  },
  mailbox: { capacity: 65_536 },
  journal: { maxEntries: 100_000, maxBytes: 67_108_864 },
  /** Until a durable tier that does not answer is done without. */
  durable: {
    timeout: 5_000,
    /** Whether it keeps values as well. Where it does: for how long at most, and how long one round trip may take. */
    values: { enabled: false, ttl: '7d', timeout: 1_000, prune: { every: '1m', batch: 1_000 } },
  },
  lease: { ttl: '30s' },
  /** Of one process: loads at once, and keys that wait for their turn. */
  load: { concurrency: 256, queue: 10_000 },
  /** Counters of the keys asked for most: none. */
  hotKeys: { size: 0 },
  /** The warmer: none. Where there is one, keys a second, and how many of the hottest. */
  warmup: { enabled: false, rate: 500, keys: 1_000 },
  /** Changes that Redis confirmed lately, to be made again when a failover lost them: on Sentinel and Cluster, and for the warmer. */
  failover: { window: '1m', maxEntries: 16_384, maxBytes: 33_554_432 },
  supervisor: { strategy: 'one-for-one', intensity: 5, period: 10_000, backoff: { min: 20, max: 2_000 } },
  /** Within which stopping finishes what is under way. */
  drain: 5_000,
  http: { host: '127.0.0.1', port: 8377, bodyLimit: 1_048_576 },
  log: { level: 'silent' },
} as const;

/** What the service assumes beyond that, where nothing else is configured: a Redis on this machine, and a log. */
export const SERVICE_DEFAULTS = {
  redis: { url: 'redis://127.0.0.1:6379' },
  log: { level: 'info' },
} as const;
