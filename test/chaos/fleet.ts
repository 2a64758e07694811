import { join } from 'node:path';
import type { TcpProxy } from '../servers/tcp-proxy.ts';
import { namespaceOf, type RunSettings } from './settings.ts';
import { FleetProcess } from './worker/fleet-process.ts';

/** The processes of a run, each with its way to Redis, and all that they were before they were killed. */
export class Fleet {
  readonly incarnations: FleetProcess[] = [];
  readonly #settings: RunSettings;
  readonly #links: readonly TcpProxy[];
  readonly #folder: string;
  readonly #postgres: string | undefined;

  constructor(
    settings: RunSettings,
    links: readonly TcpProxy[],
    folder: string,
    postgres: string | undefined,
  ) {
    this.#settings = settings;
    this.#links = links;
    this.#folder = folder;
    this.#postgres = postgres;
  }

  /** The last incarnation of each process. */
  get current(): FleetProcess[] {
    return this.#links.flatMap((_, process) => this.#last(process) ?? []);
  }

  /** Of a process, found again by its next incarnation. */
  dataFolder(process: number): string {
    return join(this.#folder, `data-${process}`);
  }

  async start(): Promise<void> {
    await Promise.all(this.#links.map((_, process) => this.revive(process)));
  }

  async killOne(process: number): Promise<void> {
    await this.#last(process)?.kill();
  }

  freeze(process: number): void {
    this.#last(process)?.signal('SIGSTOP');
  }

  thaw(process: number): void {
    this.#last(process)?.signal('SIGCONT');
  }

  /** Starts the next incarnation of a process and waits until it has. */
  async revive(process: number): Promise<void> {
    const link = this.#links[process];
    if (link === undefined) throw new Error(`there is no process ${process}`);
    const incarnation = this.incarnations.filter(({ settings }) => settings.process === process).length;
    const next = new FleetProcess({
      ...this.#settings,
      process,
      incarnation,
      namespace: namespaceOf(process, this.#settings.processes),
      port: link.port,
      historyFile: join(this.#folder, `history-${process}-${incarnation}.jsonl`),
      kept: { data: this.dataFolder(process), postgres: this.#postgres },
    });
    this.incarnations.push(next);
    // One that ends at once is found out by what it left.
    await next.ready().catch(() => undefined);
  }

  async kill(): Promise<void> {
    await Promise.all(this.incarnations.map((process) => process.kill()));
  }

  #last(process: number): FleetProcess | undefined {
    return this.incarnations.findLast(({ settings }) => settings.process === process);
  }
}
