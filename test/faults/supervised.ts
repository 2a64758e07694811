import type { ChildReport } from '../../actors/supervisor/messages.ts';
import type { Understudy } from '../../src/system/understudy.ts';

/** What the supervisor says of one actor. */
export async function supervised(understudy: Understudy, actor: string): Promise<ChildReport | undefined> {
  const { children } = await understudy.ask({ type: 'supervisor.tree' });
  return children.find(({ id }) => id === actor);
}
