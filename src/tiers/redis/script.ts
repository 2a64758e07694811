import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Cluster } from 'ioredis';
import type { RedisClient } from './client.ts';
import { replyCode } from './failures.ts';
import type { Argument } from './lane.ts';
import { send } from './send.ts';

const ENVELOPE = readFileSync(new URL('./envelope.lua', import.meta.url), 'utf8');
const ANNOUNCE = readFileSync(new URL('./announce.lua', import.meta.url), 'utf8');

/**
 * A Lua script that makes changes, and tells those who listen to a channel: sent by its hash, and in full only to a server
 * that does not know it. The channel is the last argument; the script itself does not see it.
 */
export class Script {
  readonly #text: string;
  readonly #hash: string;

  /** `marked`: whether whatever it changes bears another mark afterwards, by which it can be told from before. */
  constructor(file: string, marked = true) {
    const changes = readFileSync(new URL(file, import.meta.url), 'utf8');
    this.#text = `local marked = ${marked}\n${ENVELOPE}\nlocal function change()\n${changes}\nend\n${ANNOUNCE}`;
    this.#hash = createHash('sha1').update(this.#text).digest('hex');
  }

  /** Makes it known to the servers, so that its first use does not lose its place by having to be sent twice. */
  async load(client: RedisClient): Promise<void> {
    const servers = client instanceof Cluster ? client.nodes('master') : [client];
    await Promise.all(servers.map((server) => send(server, 'script', ['LOAD', this.#text])));
  }

  async run(client: RedisClient, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    try {
      return await send(client, 'evalsha', joined(this.#hash, keys, args));
    } catch (error) {
      if (replyCode(error) !== 'NOSCRIPT') throw error;
      return send(client, 'eval', joined(this.#text, keys, args));
    }
  }
}

function joined(script: string, keys: readonly string[], args: readonly Argument[]): Argument[] {
  const all: Argument[] = [script, keys.length];
  for (const key of keys) all.push(key);
  for (const argument of args) all.push(argument);
  return all;
}
