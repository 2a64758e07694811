import type { Logger } from '../../src/runtime/logger.ts';
import { createLogger, type LogLevel } from '../../src/telemetry/logger.ts';

/** Where a test's log goes. */
export class LogLines {
  readonly lines: string[] = [];

  write(line: string): void {
    this.lines.push(line);
  }

  logger(level: LogLevel, bindings: object = {}): Logger {
    return createLogger(level, bindings, this);
  }

  get entries(): Record<string, unknown>[] {
    return this.lines.map((line) => JSON.parse(line));
  }
}
