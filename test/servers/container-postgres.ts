import { GenericContainer, getContainerRuntimeClient, Wait } from 'testcontainers';
import { freePort } from '../../src/cli/free-port.ts';
import { type PostgresServer, queryPostgres } from './postgres.ts';

const IMAGE = 'postgres:17-alpine';
/** Said once by the server that sets the data up, and again by the one that serves. */
const READY = /database system is ready to accept connections/;

/** A Postgres in a container, for machines with an engine and no binary. */
export async function startContainerPostgres(): Promise<PostgresServer> {
  const port = await freePort();
  const started = await new GenericContainer(IMAGE)
    .withEnvironment({ POSTGRES_HOST_AUTH_METHOD: 'trust' })
    .withExposedPorts({ container: 5432, host: port })
    .withWaitStrategy(Wait.forLogMessage(READY, 2))
    .start();
  const client = await getContainerRuntimeClient();
  const container = client.container.getById(started.getId());
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  return {
    url,
    query: (text) => queryPostgres(url, text),
    kill: async () => {
      await container.kill();
    },
    freeze: async () => {
      await container.pause();
    },
    thaw: async () => {
      await container.unpause();
    },
    restart: async () => {
      await container.start();
    },
    stop: async () => {
      await container.remove({ force: true, v: true });
    },
  };
}
