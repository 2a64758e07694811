import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the young generation small while modules are loaded, and returns what lets it grow again. Loading leaves much
 * garbage behind at once; a heap that grew for it would stay that large, some 10 MB, as long as the service is idle.
 */
export function holdYoungGeneration(): () => void {
  setFlagsFromString('--semi-space-growth-factor=1');
  return () => setFlagsFromString('--semi-space-growth-factor=2');
}
