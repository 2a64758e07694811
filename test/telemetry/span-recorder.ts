import { type Attributes, type Context, SamplingDecision, trace } from '@opentelemetry/api';
import { NodeSDK, type NodeSDKConfiguration } from '@opentelemetry/sdk-node';

type SpanProcessor = NonNullable<NodeSDKConfiguration['spanProcessors']>[number];
type Sampler = NodeSDKConfiguration['sampler'];
type EndedSpan = Parameters<SpanProcessor['onEnd']>[0];

/** A span as it would be exported. */
export interface SpanRecord {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | undefined;
  readonly links: readonly string[];
  readonly attributes: Attributes;
  readonly status: number;
  readonly events: EndedSpan['events'];
  /** All that there is of it, for those who search it. */
  readonly raw: EndedSpan;
}

/** A real OpenTelemetry SDK in this process that keeps the spans it is given. */
export class SpanRecorder {
  readonly spans: SpanRecord[] = [];
  /** Whether spans without a parent are sampled; the others follow their parent. */
  sampling = true;

  constructor() {
    const done = (): Promise<void> => Promise.resolve();
    const processor: SpanProcessor = {
      onStart: () => {},
      onEnd: (span) => this.spans.push(recordOf(span)),
      forceFlush: done,
      shutdown: done,
    };
    const sampler: Sampler = {
      shouldSample: (context) => ({ decision: this.#decide(context) }),
      toString: () => 'switched',
    };
    new NodeSDK({
      spanProcessors: [processor],
      sampler,
      metricReaders: [],
      logRecordProcessors: [],
      autoDetectResources: false,
    }).start();
  }

  /** Runs something under a span, as an instrumented application does. */
  async under<T>(name: string, run: () => Promise<T> | T): Promise<T> {
    return trace.getTracer('application').startActiveSpan(name, async (span) => {
      try {
        return await run();
      } finally {
        span.end();
      }
    });
  }

  named(name: string): SpanRecord[] {
    return this.spans.filter((span) => span.name === name);
  }

  /** The only span of a name. */
  the(name: string): SpanRecord {
    const [span, ...others] = this.named(name);
    if (span !== undefined && others.length === 0) return span;
    throw new Error(
      `${others.length + (span ? 1 : 0)} spans ${name} among ${this.spans.map((it) => it.name)}`,
    );
  }

  clear(): void {
    this.spans.length = 0;
  }

  #decide(context: Context): SamplingDecision {
    const parent = trace.getSpanContext(context);
    const sampled = parent === undefined ? this.sampling : (parent.traceFlags & 1) === 1;
    return sampled ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD;
  }
}

function recordOf(span: EndedSpan): SpanRecord {
  const { traceId, spanId } = span.spanContext();
  return {
    name: span.name,
    kind: span.kind,
    traceId,
    spanId,
    parentId: span.parentSpanContext?.spanId,
    links: span.links.map((link) => link.context.spanId),
    attributes: span.attributes,
    status: span.status.code,
    events: span.events,
    raw: span,
  };
}
