import type { SchemaPart } from './migrate.ts';

/**
 * Times are milliseconds since the epoch, by the clock of the instances. `stored` is empty where there is nothing, and
 * `buried` is the version of the last deletion. Nothing of a row is needed after `ends`. `revision` names what a row holds;
 * `replaces`, what it was put together from.
 */
export const valueSchema: SchemaPart = {
  name: 'values',
  migrations: [
    `
    create table understudy.value (
      space text collate "C" not null,
      key text collate "C" not null,
      stored text not null,
      version text collate "C" not null,
      expires bigint not null,
      buried text collate "C" not null,
      ends bigint not null,
      revision text not null,
      replaces text not null,
      primary key (space, key)
    );
    create index value_ends on understudy.value (ends);
    create table understudy.clearing (
      space text collate "C" not null,
      prefix text collate "C" not null,
      version text collate "C" not null,
      ends bigint not null,
      swept boolean not null,
      primary key (space, prefix)
    );`,
  ],
};
