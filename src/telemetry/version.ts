import { createRequire } from 'node:module';

const manifest: { version: string } = createRequire(import.meta.url)('understudy-cache/package.json');

/** What this package is called in telemetry. */
export const SCOPE = { name: 'understudy-cache', version: manifest.version } as const;
