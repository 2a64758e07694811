export {
  type EventMatch,
  type EventOf,
  type EventRecorder,
  EventTimeout,
  type EventType,
} from './event-recorder.ts';
export type { TestRedisOptions, TestUnderstudyOptions } from './options.ts';
export type { FaultCode } from './redis/faults.ts';
export type { TestJournal } from './test-journal.ts';
export type { TestMemory } from './test-memory.ts';
export type { Corruption, TestRedis } from './test-redis.ts';
export { createTestUnderstudy, type TestUnderstudy } from './test-understudy.ts';
export { VirtualClock } from './virtual-clock.ts';
