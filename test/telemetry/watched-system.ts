import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { vi } from 'vitest';
import type { OptionsInput } from '../../src/config/schema.ts';
import { type HttpFace, serveHttp } from '../../src/http/serve-http.ts';
import type { MessageOf, Protocol } from '../../src/runtime/protocol.ts';
import type { BehaviourOf } from '../../src/system/define-actor.ts';
import { defineActor } from '../../src/system/define-actor.ts';
import { createUnderstudy } from '../../src/system.ts';
import { metricProducer } from '../../src/telemetry/metric-producer.ts';
import { renderPrometheus } from '../../src/telemetry/prometheus.ts';
import { CANARIES, exposed, type Sink } from './canaries.ts';
import { LogLines } from './log-lines.ts';
import type { SpanRecorder } from './span-recorder.ts';

type Fragile = Protocol<{
  'fragile.break': { request: { with: string }; reply: undefined };
  'fragile.leak': { request: { with: string }; reply: undefined };
}>;
type System = Awaited<ReturnType<typeof startSystem>>;

/** An actor that breaks at what it is sent, and says so as engines do, with a quotation; or plainly, which nothing hides. */
const fragile = defineActor<Fragile>({
  id: 'fragile',
  start: (): BehaviourOf<Fragile> => ({
    receive: ({ message }: { message: MessageOf<Fragile> }) => {
      if (message.type === 'fragile.leak') throw new Error(`broken by ${message.with}`);
      throw new TypeError(`Cannot create property 'x' on string '${message.with}'`);
    },
  }),
});

function startSystem(options: OptionsInput, log: LogLines) {
  return createUnderstudy({ ...options, actors: [fragile], logger: log.logger('trace') });
}

/** A system every way out of which is watched. */
export class WatchedSystem implements AsyncDisposable {
  readonly understudy: System;
  readonly #recorder: SpanRecorder;
  readonly #log: LogLines;
  readonly #http: HttpFace;
  readonly #texts = new Map<string, string[]>();

  private constructor(understudy: System, http: HttpFace, recorder: SpanRecorder, log: LogLines) {
    this.understudy = understudy;
    this.#http = http;
    this.#recorder = recorder;
    this.#log = log;
    understudy.subscribe((event) => this.saw('events', event));
    for (const stream of [process.stdout, process.stderr]) {
      const write = stream.write.bind(stream);
      vi.spyOn(stream, 'write').mockImplementation((chunk, ...rest) => {
        this.#add('console', String(chunk));
        return Reflect.apply(write, stream, [chunk, ...rest]);
      });
    }
  }

  static async start(options: OptionsInput, recorder: SpanRecorder): Promise<WatchedSystem> {
    const log = new LogLines();
    const understudy = await startSystem(options, log);
    const http = { host: '127.0.0.1', port: 0, token: CANARIES.token, bodyLimit: 100_000 };
    const face = await serveHttp({ understudy, http, logger: log.logger('trace') });
    return new WatchedSystem(understudy, face, recorder, log);
  }

  /** Notes that something went to a sink. */
  saw(sink: string, thing: unknown): void {
    this.#add(sink, ...exposed(thing));
  }

  /** The error that a call ends with, noted. Under a span, so that the spans of the call are recorded too. */
  async failing(call: () => Promise<unknown>): Promise<unknown> {
    const failure = await this.#recorder.under('request', () =>
      call().then(
        () => undefined,
        (error: unknown) => error,
      ),
    );
    if (failure !== undefined) this.saw('errors', failure);
    return failure;
  }

  /** A request that is to fail; its status, the response noted. */
  async request(path: string, init: RequestInit): Promise<number> {
    const response = await fetch(`${this.#http.url}${path}`, init);
    this.#add('responses', [...response.headers].join('\n'), await response.text());
    return response.status;
  }

  /** Reads what is there to be read: health, tree, metrics in every form, and the pages that show them. */
  async read(): Promise<void> {
    this.saw('health', await this.understudy.health());
    this.saw('health', await this.understudy.ask({ type: 'supervisor.tree' }));
    this.saw('health', await this.understudy.ask({ type: 'cache.stats' }));
    this.#add('metrics', renderPrometheus(await this.understudy.metrics()));
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({
      exporter,
      metricProducers: [metricProducer(this.understudy)],
    });
    const provider = new MeterProvider({ readers: [reader] });
    await provider.shutdown();
    for (const { scopeMetrics } of exporter.getMetrics()) this.saw('metrics', scopeMetrics);
    const headers = { authorization: `Bearer ${CANARIES.token}` };
    for (const path of ['/livez', '/readyz', '/health', '/metrics']) await this.request(path, { headers });
  }

  sinks(): Sink[] {
    const noted = ['errors', 'events', 'health', 'metrics', 'responses', 'console'];
    return [
      { name: 'log', texts: () => this.#log.lines },
      {
        name: 'spans',
        texts: () => this.#recorder.spans.flatMap(({ raw, ...span }) => [...exposed(span), ...exposed(raw)]),
      },
      ...noted.map((name) => ({ name, texts: () => this.#texts.get(name) ?? [] })),
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http.close();
    await this.understudy.stop();
  }

  #add(sink: string, ...texts: string[]): void {
    const known = this.#texts.get(sink);
    if (known === undefined) this.#texts.set(sink, texts);
    else known.push(...texts);
  }
}
