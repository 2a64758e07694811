import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

const NAMES = ['redis-server', 'valkey-server'];
const ADVICE =
  'Install one (Debian, Ubuntu: apt-get install redis-server; macOS: brew install redis), or set REDIS_SERVER_BIN to its path.';

/** No Redis server binary can be run here; the message says what to install. */
export class RedisBinaryNotFoundError extends Error {
  override readonly name = 'RedisBinaryNotFoundError';
}

/**
 * Absolute path of the Redis server to run: `REDIS_SERVER_BIN`, else `redis-server`, else `valkey-server` on `PATH`.
 *
 * @param env environment to look in; `process.env` by default
 * @throws RedisBinaryNotFoundError when there is none, or when `REDIS_SERVER_BIN` names no executable file
 */
export function findRedisBinary(env: NodeJS.ProcessEnv = process.env): string {
  const named = env.REDIS_SERVER_BIN;
  if (named) {
    if (isExecutable(named)) return resolve(named);
    throw new RedisBinaryNotFoundError(`REDIS_SERVER_BIN=${named} is not an executable file. ${ADVICE}`);
  }
  const directories = (env.PATH ?? '').split(delimiter).filter((directory) => directory !== '');
  for (const name of NAMES) {
    const found = directories.map((directory) => join(directory, name)).find(isExecutable);
    if (found) return resolve(found);
  }
  throw new RedisBinaryNotFoundError(`No ${NAMES.join(' or ')} on PATH. ${ADVICE}`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
