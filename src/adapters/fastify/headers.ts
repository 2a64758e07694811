/** Header fields by their names in lower case. */
export type Headers = Readonly<Record<string, string | string[]>>;

/** Fields as a server framework has them. */
export type GivenHeaders = Readonly<Record<string, string | number | string[] | undefined>>;

export function headersOf(given: GivenHeaders): Headers {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) headers[name.toLowerCase()] = typeof value === 'number' ? String(value) : value;
  }
  return headers;
}

/** All values of a field in one line; undefined where there is none. */
export function lineOf(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return value === undefined || typeof value === 'string' ? value : value.join(', ');
}

/** The members of a field that is a list, in lower case. */
export function membersOf(headers: Headers, name: string): string[] {
  const members = (lineOf(headers, name) ?? '').toLowerCase().split(',');
  return members.map((member) => member.trim()).filter((member) => member !== '');
}
