import { Cluster, Command } from 'ioredis';
import type { RedisClient } from './client.ts';
import { type Argument, hasLanes, laneOf } from './lane.ts';

/** Sends a command and decodes its reply: to a single server over its lane, to a Cluster and its nodes by the client. */
export async function send(client: RedisClient, name: string, args: readonly Argument[]): Promise<unknown> {
  const viaLane = !(client instanceof Cluster) && hasLanes(client);
  return viaLane ? laneOf(client).send(name, args) : sendByClient(client, name, args);
}

/**
 * Every command of ioredis outlives its answer: `this.reject = …` in it makes V8
 * allocate that closure in the old generation, from where it holds the command, and through it the reply, until the next
 * full collection. So the reply never touches the command's own promise, and the command lets go of all it held.
 */
function sendByClient(client: RedisClient, name: string, args: readonly Argument[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const command = new Command(name, [...args], { replyEncoding: null });
    const { resolve: settle, reject: refuse, promise } = command;
    promise.catch(ignore);
    const answered = (reply: unknown): void => {
      letGo(command);
      // For whoever traces the client by its diagnostics channel, and waits for this promise.
      settle(null);
      resolve(decoded(reply));
    };
    const failed = (error: Error): void => {
      letGo(command);
      refuse(error);
      reject(error);
    };
    command.resolve = answered;
    command.reject = failed;
    client.sendCommand(command);
  });
}

function letGo(command: Command): void {
  command.resolve = ignore;
  command.reject = ignore;
  command.args = [];
}

/** Replies are text, numbers, nothing, or arrays of these. */
function decoded(reply: unknown): unknown {
  if (Buffer.isBuffer(reply)) return reply.toString();
  if (!Array.isArray(reply)) return reply;
  const items: unknown[] = reply;
  for (let at = 0; at < items.length; at++) {
    const item = items[at];
    if (item !== null && typeof item === 'object') items[at] = decoded(item);
  }
  return items;
}

function ignore(): void {}
