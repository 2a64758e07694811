import type { Paint } from '../terminal/paint.ts';
import { describeEntry } from './chronicle.ts';
import type { Scene } from './scene.ts';
import { row, timelines, WIDTH } from './timelines.ts';

/** Events that are shown: the last ones. */
const EVENTS = 8;

/** One picture of the demo: time runs from left to right, and what is now stands at the right. */
export function frame(scene: Scene, paint: Paint): string[] {
  const { script, chronicle } = scene;
  const seconds = Math.min(chronicle.now, script.end) / 1_000;
  const clock = `${seconds.toFixed(1)} of ${(script.end / 1_000).toFixed(0)} s`;
  const title = 'What callers notice when Redis is killed';
  return [
    '',
    ` ${paint('bold', title)}${paint('dim', clock.padStart(WIDTH - title.length))}`,
    '',
    row('Redis', redisState(scene, paint)),
    row('circuit breaker', breakerState(scene, paint)),
    '',
    ...timelines(scene, paint),
    '',
    ...chronicle.entries.slice(-EVENTS).map((entry) => describeEntry(entry, paint)),
    '',
  ];
}

function redisState({ redis }: Scene, paint: Paint): string {
  if (redis === 'up') return paint('green', '● up');
  return redis === 'killed' ? paint('red', '✖ killed') : paint('yellow', '◌ starting');
}

function breakerState({ breaker }: Scene, paint: Paint): string {
  const colours = { closed: 'green', open: 'red', 'half-open': 'yellow' } as const;
  const states = (['closed', 'open', 'half-open'] as const).map((state) =>
    state === breaker ? paint(['bold', colours[state]], `● ${state}`) : paint('dim', `○ ${state}`),
  );
  return states.join('   ');
}
