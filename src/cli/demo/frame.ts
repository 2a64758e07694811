import type { Paint } from '../terminal/paint.ts';
import { describeEntry } from './chronicle.ts';
import type { Scene } from './scene.ts';
import { row, timelines, WIDTH } from './timelines.ts';

/** Events that are shown: the last ones, fewer where the terminal is low. */
const MOST_EVENTS = 10;
const LEAST_EVENTS = 3;

/** One picture of the demo: time runs from left to right, and what is now stands at the right. */
export function frame(scene: Scene, paint: Paint, rows: number): string[] {
  const { script, chronicle } = scene;
  const seconds = Math.min(chronicle.now, script.end) / 1_000;
  const clock = `${seconds.toFixed(1)} of ${(script.end / 1_000).toFixed(0)} s`;
  const title = 'What callers notice when Redis is killed';
  const picture = [
    '',
    ` ${paint('bold', title)}${paint('dim', clock.padStart(WIDTH - title.length))}`,
    ` ${paint('green', 'green')}: Redis answers   ${paint('yellow', 'yellow')}: memory answers`,
    '',
    row('Redis', redisState(scene, paint)),
    row('circuit breaker', breakerState(scene, paint)),
    '',
    ...timelines(scene, paint),
    '',
  ];
  const events = Math.min(MOST_EVENTS, Math.max(LEAST_EVENTS, rows - picture.length - 2));
  return [...picture, ...chronicle.entries.slice(-events).map((entry) => describeEntry(entry, paint))];
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
