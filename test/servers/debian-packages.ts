import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';

// Asked by Debian's maintainer scripts before they start a service; 101 means "forbidden".
const POLICY = '/usr/sbin/policy-rc.d';

export function isRootOnDebian(): boolean {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version');
}

/**
 * Installs a server by apt-get, without leaving a system service behind, running or due at the next boot.
 *
 * @throws Error with apt-get's last words
 */
export function aptInstall(name: string): void {
  process.stderr.write(`No server on PATH: installing ${name} with apt-get\n`);
  const ownPolicy = !existsSync(POLICY);
  if (ownPolicy) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    // A fresh machine has no package lists yet; one that has them is spared the download.
    if (aptGet('install', '-y', name).status !== 0) {
      aptGet('update');
      const { status, stdout, stderr } = aptGet('install', '-y', name);
      if (status !== 0) throw new Error(`apt-get install ${name} failed:\n${stderr || stdout}`);
    }
    if (existsSync('/run/systemd/system')) spawnSync('systemctl', ['disable', '--now', name]);
  } finally {
    if (ownPolicy) rmSync(POLICY);
  }
}

function aptGet(...args: string[]) {
  return spawnSync('apt-get', args, {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}
