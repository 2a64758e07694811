/** The greatest text that begins with another ends with the greatest character there is. */
const below = (key: string, prefix: string): string =>
  `${key} >= ${prefix} and ${key} <= ${prefix} || U&'\\+10FFFF'`;

const UNCLEARED = `not exists (
  select from understudy.clearing where clearing.space = held.space and clearing.version > held.version
  and starts_with(held.key, clearing.prefix))`;

/** $1 space, $2 keys, $3 now. */
export const READ = `
  select key, stored from understudy.value as held
  where space = $1 and key = any($2::text[]) and stored <> '' and expires > $3::bigint and ${UNCLEARED}`;

/** $1 space, $2 keys, $3 those of which the text is needed. Of the others it is told by its head, which holds the version. */
export const INSPECT = `
  select asked.key, case when asked.key = any($3::text[]) then stored else substr(stored, 1, 128) end as stored,
    expires::text as expires, buried, revision,
    (select max(version) from understudy.clearing
     where clearing.space = $1 and starts_with(asked.key, clearing.prefix)) as cleared
  from unnest($2::text[]) as asked (key) left join understudy.value as held on held.space = $1 and held.key = asked.key`;

/**
 * One statement, and so nothing is locked while a client that hangs thinks about it: a row is changed if it is still what
 * the change was worked out from. $1 space, then a list for each column. Rows in the order of their keys, so that no two of
 * these wait for each other.
 */
export const PUT = `
  insert into understudy.value as held (space, key, stored, version, expires, buried, ends, revision, replaces)
  select $1, key, stored, version, expires::bigint, buried, ends::bigint, revision, replaces
  from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
    as put (key, stored, version, expires, buried, ends, revision, replaces)
  order by key collate "C"
  on conflict (space, key) do update set stored = excluded.stored, version = excluded.version,
    expires = excluded.expires, buried = excluded.buried, ends = excluded.ends, revision = excluded.revision,
    replaces = excluded.replaces
  where held.revision = excluded.replaces
  returning key`;

/** $1 space, $2 prefix, $3 after which key, $4 now, $5 how many. */
export const SCAN = `
  select key from understudy.value as held
  where space = $1 and ${below('key', '$2')} and key > $3 and stored <> '' and version <> '~'
    and expires > $4::bigint and ${UNCLEARED}
  order by key limit $5::int`;

/** $1 space, $2 prefix, $3 version, $4 when it ends. Narrower ones before it have nothing left to say. */
export const CLEAR = `
  with covered as (
    delete from understudy.clearing
    where space = $1 and starts_with(prefix, $2) and prefix <> $2 and version <= $3)
  insert into understudy.clearing as known (space, prefix, version, ends, swept) values ($1, $2, $3, $4::bigint, false)
  on conflict (space, prefix) do update set version = excluded.version, ends = excluded.ends, swept = false
  where known.version < excluded.version`;

/** $1 space, $2 how many may be remembered: of more, one of everything takes the place. */
export const CROWDED = `
  select max(version) as version, max(ends)::text as ends from understudy.clearing where space = $1
  having count(*) > $2::int`;

/** $1 now, $2 how many, $3 the number of a lock: nothing where another instance is at it. */
export const PRUNE = `
  with turn as (select pg_try_advisory_xact_lock($3::bigint) as own),
  ended as (
    select space, key from understudy.value, turn
    where turn.own and ends <= $1::bigint order by ends limit $2::int),
  gone as (
    delete from understudy.value as held using ended
    where held.space = ended.space and held.key = ended.key and held.ends <= $1::bigint returning 1)
  select turn.own, (select count(*) from gone)::int as pruned from turn`;

/** $1 space. */
export const UNSWEPT = `
  select prefix, version from understudy.clearing where space = $1 and not swept order by version limit 1`;

/** $1 space, $2 prefix, $3 version, $4 how many. */
export const SWEEP = `
  with cleared as (
    select key from understudy.value
    where space = $1 and ${below('key', '$2')} and greatest(version, buried) < $3 limit $4::int),
  gone as (
    delete from understudy.value as held using cleared
    where held.space = $1 and held.key = cleared.key and greatest(held.version, held.buried) < $3 returning 1)
  select count(*)::int as pruned from gone`;

/** $1 space, $2 prefix, $3 version. */
export const SWEPT = `
  update understudy.clearing set swept = true where space = $1 and prefix = $2 and version = $3`;

/** $1 space, $2 now. What was put beside it at the last moment keeps it. */
export const FORGET = `
  with outdated as (
    select prefix, version, exists (
      select from understudy.value where value.space = clearing.space
      and ${below('value.key', 'clearing.prefix')} and value.version < clearing.version and value.stored <> '') as needed
    from understudy.clearing where space = $1 and swept and ends <= $2::bigint),
  again as (
    update understudy.clearing as kept set swept = false from outdated
    where kept.space = $1 and kept.prefix = outdated.prefix and kept.version = outdated.version and outdated.needed)
  delete from understudy.clearing as gone using outdated
  where gone.space = $1 and gone.prefix = outdated.prefix and gone.version = outdated.version and not outdated.needed`;

/** Whether it takes changes, and its time in milliseconds since the epoch. */
export const PROBE = `
  select current_setting('transaction_read_only') as read_only,
    (extract(epoch from clock_timestamp()) * 1000)::bigint::text as time`;
