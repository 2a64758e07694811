interface Sample {
  readonly value: unknown;
  /** Whether MessagePack can hold it. Default: true. */
  readonly msgpack?: false;
}

const record = (id: number): object => ({
  id,
  name: `Person ${id}`,
  email: `person-${id}@example.com`,
  active: id % 2 === 0,
  score: id * 1.5,
  city: 'Berlin',
  note: 'Likes long walks, and short sentences. '.repeat(3),
  since: 1_763_700_000_000 + id,
});

/** Values as caches hold them: a record, a page of them, and a record of more than JSON has. */
export const SAMPLES: Readonly<Record<string, Sample>> = {
  'record of 250 B': { value: record(7) },
  'page of 10 KB': { value: { page: 1, items: Array.from({ length: 38 }, (_, at) => record(at)) } },
  'rich record': {
    value: {
      ...record(7),
      since: new Date(1_763_700_000_000),
      roles: new Set(['admin', 'author']),
      visits: new Map([
        ['berlin', 7],
        ['paris', 2],
      ]),
      balance: 12_345_678_901_234_567_890n,
      key: new Uint8Array(32),
    },
    msgpack: false,
  },
};
