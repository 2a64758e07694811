/** The directives of a Cache-Control header, by their names in lower case; one without a value has ''. */
export type Directives = ReadonlyMap<string, string>;

const DIRECTIVE = /([!#$%&'*+.^_`|~\w-]+)\s*(?:=\s*(?:"([^"]*)"|([^\s,"]*)))?/g;

export function directivesOf(header: string | undefined): Directives {
  const found = (header ?? '').matchAll(DIRECTIVE);
  return new Map(
    Array.from(found, ([, name = '', quoted, bare]) => [name.toLowerCase(), quoted ?? bare ?? '']),
  );
}

/** Seconds, or undefined where the directive is not there. What is no number has ended at once (RFC 9111, 4.2.1). */
export function secondsOf(directives: Directives, name: string): number | undefined {
  const text = directives.get(name);
  if (text === undefined) return undefined;
  return /^\d+$/.test(text) ? Number(text) : 0;
}
