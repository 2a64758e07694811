#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

// Before anything else is loaded, or it would not be cached.
enableCompileCache();
const { run } = await import('./program.ts');
await run(process.argv.slice(2));
