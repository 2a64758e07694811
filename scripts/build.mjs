import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { runQuietly } from './run-quietly.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const fingerprintFile = '.fingerprint';
const sourceFolders = ['src', 'actors'];
const buildInputs = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts/build.mjs'];

export async function buildIfStale() {
  const fingerprint = fingerprintOfSources();
  if (readFingerprint() === fingerprint) return;
  process.stderr.write('understudy: building\n');
  await build(fingerprint);
}

/** Builds aside and swaps at the end, so a failed build leaves the last good one and no output outlives its source. */
async function build(fingerprint = fingerprintOfSources()) {
  const aside = join(root, `node_modules/.cache/understudy/build-${process.pid}`);
  try {
    await runQuietly(process.execPath, [
      join(root, 'node_modules/typescript/bin/tsc'),
      ...['--project', join(root, 'tsconfig.build.json'), '--outDir', aside],
    ]);
    for (const file of sourceFiles().filter((name) => name.endsWith('.lua'))) {
      cpSync(join(root, file), join(aside, file));
    }
    writeFileSync(join(aside, fingerprintFile), fingerprint);
    rmSync(dist, { recursive: true, force: true });
    renameSync(aside, dist);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** By content: the time stamps of a checkout say nothing. */
function fingerprintOfSources() {
  const hash = createHash('sha256');
  for (const file of [...buildInputs, ...sourceFiles()]) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

function sourceFiles() {
  return sourceFolders.flatMap(filesBelow).sort();
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function filesBelow(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

function readFingerprint() {
  try {
    return readFileSync(join(dist, fingerprintFile), 'utf8');
  } catch {
    return undefined;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await build().catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}
