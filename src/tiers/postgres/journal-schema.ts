import type { SchemaPart } from './migrate.ts';

export const journalSchema: SchemaPart = {
  name: 'journal',
  migrations: [
    `
    create table if not exists understudy.journal_seat (
      seat text primary key,
      space text not null,
      taken timestamptz not null default now()
    );
    create table if not exists understudy.journal (
      seat text not null,
      slot text collate "C" not null,
      body text not null,
      primary key (seat, slot)
    );`,
  ],
};
