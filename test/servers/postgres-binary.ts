import { accessSync, constants, globSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { aptInstall, isRootOnDebian } from './debian-packages.ts';

/** Debian keeps them off the PATH, a folder for each version. */
const FOLDERS = '/usr/lib/postgresql/*/bin';

/**
 * The folder with `initdb` and `postgres`: `POSTGRES_BIN`, one of the PATH, Debian's newest, else one installed now.
 *
 * @throws Error that says what to install, when there is no way
 */
export function postgresBinaries(): string {
  const found = findBinaries();
  if (found !== undefined) return found;
  if (isRootOnDebian()) aptInstall('postgresql');
  const installed = findBinaries();
  if (installed !== undefined) return installed;
  throw new Error(
    'No Postgres to test with: install postgresql (Debian, Ubuntu: apt-get install postgresql), name the folder of ' +
      'initdb and postgres in POSTGRES_BIN, set DATABASE_URL, or start a container engine',
  );
}

export function findBinaries(): string | undefined {
  const { POSTGRES_BIN, PATH = '' } = process.env;
  const folders = [
    ...(POSTGRES_BIN ? [POSTGRES_BIN] : []),
    ...PATH.split(delimiter),
    ...globSync(FOLDERS).sort().reverse(),
  ];
  return folders.find((folder) => ['initdb', 'postgres'].every((name) => isExecutable(join(folder, name))));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
