import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runQuietly } from './run-quietly.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'node_modules/.bin');
const pinnedNode = join(bin, 'node');

/** Installs what package-lock.json names and node_modules lacks, and sees to it that scripts find a Node that is new enough. */
export async function installIfMissing() {
  if (!isInstalled()) {
    say('installing dependencies (npm ci)');
    // Of all install scripts only that of `node` is wanted, whether or not this npm knows `allowScripts`.
    await npm('ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error');
  }
  if (process.env.UNDERSTUDY_HOST_NODE) {
    rmSync(pinnedNode, { force: true });
    return requireHostNode();
  }
  if (existsSync(pinnedNode)) return;
  say('installing the pinned Node (npm rebuild node)');
  await npm('rebuild', 'node', '--loglevel=error');
  if (!existsSync(pinnedNode)) requireHostNode();
}

/** npm writes node_modules/.package-lock.json last, so an interrupted install reads as none. */
function isInstalled() {
  const installed = readPackages('node_modules/.package-lock.json');
  if (installed === undefined) return false;
  const wanted = readPackages('package-lock.json') ?? {};
  return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
    const found = installed[path];
    if (found === undefined) return path === '' || optional === true;
    return found.version === version && (integrity === undefined || found.integrity === integrity);
  });
}

/**
 * @param {string} lockfile
 * @returns {Record<string, { version?: string, integrity?: string, optional?: boolean }> | undefined}
 */
function readPackages(lockfile) {
  try {
    return JSON.parse(readFileSync(join(root, lockfile), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** @param {string[]} args */
function npm(...args) {
  const { npm_execpath: cli, npm_node_execpath: node } = process.env;
  const env = { ...process.env, PATH: hostPath() };
  // Inside `npm run`, the very npm that was called; its Node is the host's, which survives node_modules being replaced.
  if (cli?.endsWith('npm-cli.js') && node !== undefined) return runQuietly(node, [cli, ...args], env);
  return runQuietly('npm', args, env);
}

/** The search path without this project's commands, among which is the pinned Node. */
function hostPath() {
  const path = process.env.PATH ?? '';
  return path
    .split(delimiter)
    .filter((entry) => entry !== bin)
    .join(delimiter);
}

function requireHostNode() {
  const env = { ...process.env, PATH: hostPath() };
  const version = execFileSync('node', ['--version'], { encoding: 'utf8', env }).trim().slice(1);
  const oldest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).engines.node.replace('>=', '');
  if (version.localeCompare(oldest, 'en', { numeric: true }) >= 0) return;
  throw new Error(
    `understudy: Node ${oldest} or newer is needed and the host has ${version}. A newer one comes with the dependencies: ` +
      'allow install scripts and unset UNDERSTUDY_HOST_NODE, or install it yourself.',
  );
}

/** @param {string} what */
function say(what) {
  process.stderr.write(`understudy: ${what}\n`);
}
