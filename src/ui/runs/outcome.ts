import type { RunRow } from '../../app/library.svelte.ts';
import type { SessionStatus } from '../../app/session.svelte.ts';
import { signed } from '../parts/format.ts';

/** Where a run stands, in a word or two. */
export const statusWords: Readonly<Record<SessionStatus, string>> = {
  empty: 'Not started',
  loading: 'Loading its model',
  running: 'Running',
  pausing: 'Pausing',
  paused: 'Paused',
  stopping: 'Stopping',
  finished: 'Finished',
  stopped: 'Stopped early',
  failed: 'Interrupted by a problem',
  watching: 'Running in another tab',
  'needs-file': 'Waiting for its model file',
};

/** How a run came out, as a word with its difference and a colour to go with it. Null where there is no verdict. */
export function outcomeOf(
  run: RunRow,
): { readonly text: string; readonly tone: 'good' | 'bad' | 'even' } | null {
  const by = run.difference === null ? '' : ` ${signed(run.difference)}`;
  switch (run.outcome) {
    case 'better':
      return { text: `Better${by}`, tone: 'good' };
    case 'worse':
      return { text: `Worse${by}`, tone: 'bad' };
    case 'no-difference':
      return { text: `No difference${by}`, tone: 'even' };
    case null:
      return null;
  }
}

/** A run that ended has a result to open; any other goes on where it stood. */
export function hasEnded(run: RunRow): boolean {
  return run.status === 'finished' || run.status === 'stopped';
}
