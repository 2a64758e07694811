import { inspect } from 'node:util';

/** Strings that must never be seen, by what they are. Each is unlike anything else in the process. */
export const CANARIES = {
  password: 'canary-right-password-5Qx7',
  wrongPassword: 'canary-wrong-password-8Zk2',
  token: 'canary-http-token-3Jd9-of-enough-length',
  wrongToken: 'canary-wrong-http-token-6Hb1-of-enough-length',
  secret: 'canary-sealing-secret-2Qm5-of-enough-length',
  value: 'canary-cached-value-9Wv4',
  key: 'canary-key-1Lm6',
  loader: 'canary-loader-error-7Tc3',
} as const;

/** Forms in which a string leaves: as it is, or as its bytes, in dumps and in Base64 at any place of a longer text. */
function formsOf(canary: string): string[] {
  const bytes = Buffer.from(canary);
  const shifted = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    // What the neighbours have a share in is left out.
    return text.slice(Math.ceil((shift * 4) / 3), -4);
  });
  return [canary, bytes.toString('hex'), bytes.join(','), ...shifted];
}

/** A place that things leave the process by, or are kept to be shown. */
export interface Sink {
  readonly name: string;
  /** Everything that went there. */
  texts(): readonly string[];
}

/** Which canaries were seen where: `log: password`. */
export function seen(sinks: readonly Sink[], canaries: Readonly<Record<string, string>>): string[] {
  return sinks.flatMap((sink) => {
    const all = sink.texts().join('\n');
    // Dumps of bytes are set in columns.
    const dense = all.replaceAll(/\s+/g, '');
    return Object.entries(canaries)
      .filter(([, canary]) => formsOf(canary).some((form) => all.includes(form) || dense.includes(form)))
      .map(([what]) => `${sink.name}: ${what}`);
  });
}

/** All that can be seen of an error, or anything else. */
export function exposed(thing: unknown): string[] {
  const texts = [
    inspect(thing, {
      depth: Infinity,
      showHidden: true,
      maxArrayLength: Infinity,
      maxStringLength: Infinity,
    }),
  ];
  for (let at = thing; at instanceof Error; at = at.cause) {
    texts.push(
      at.message,
      String(at.stack),
      String(at),
      JSON.stringify(at),
      JSON.stringify(Object.entries(at)),
    );
  }
  if (!(thing instanceof Error)) texts.push(JSON.stringify(thing) ?? '');
  return texts;
}
