const PROTOCOLS = ['redis:', 'rediss:', 'unix:'];
const FORM =
  'redis://[user:password@]host[:port][/database], rediss:// likewise, or unix:///path[?db=database]';

/** What is wrong with the address of a Redis; undefined for a good one. Never repeats a part of it. */
export function redisUrlProblem(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || !PROTOCOLS.includes(url.protocol)) return `expected ${FORM}`;
  if (![url.username, url.password, url.pathname].every(isDecodable))
    return 'expected a URL whose % are followed by two hexadecimal digits';
  if (url.hash !== '') return 'expected a URL without a fragment; a # in a password is written %23';
  if (url.protocol === 'unix:') return socketProblem(url);
  if (url.search !== '') return 'expected a URL without a query; the other options have names of their own';
  if (/^\/?\d{0,7}$/.test(url.pathname)) return undefined;
  return 'expected the path of the URL to be the number of a database';
}

function socketProblem(url: URL): string | undefined {
  if (url.hostname !== '' || url.pathname.length < 2)
    return 'expected unix:// to be followed by an absolute path';
  const unknown = [...url.searchParams.keys()].some((name) => name !== 'db');
  if (unknown || !/^\d{0,7}$/.test(url.searchParams.get('db') ?? ''))
    return 'expected no query but db, the number of a database';
  return undefined;
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
