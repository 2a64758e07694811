import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below the range (32768 up on Linux, 49152 up elsewhere) from which the kernel takes source ports: there, a client that
// redials a dead server could be given the server's own port, connect to itself, and keep the server from coming back.
// A cluster node's bus port, 10000 higher, stays below it too.
const LOWEST = 11_000;
const HIGHEST = 21_999;
const ATTEMPTS = 50;

/**
 * A TCP port that was free on 127.0.0.1 a moment ago. Another process may take it first, so whoever binds it must be
 * ready to ask for another.
 *
 * @throws Error when 50 ports in a row were taken
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = randomInt(LOWEST, HIGHEST + 1);
    if (await isFree(port)) return port;
  }
  throw new Error(`No free port on 127.0.0.1 in ${ATTEMPTS} tries between ${LOWEST} and ${HIGHEST}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
