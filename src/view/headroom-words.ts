import { fewestTried, type Headroom, type HeadroomArm } from '../core/headroom.ts';

/** What was tried to see how much there is to win, as rows of a table. */
export const headroomArmNames: Readonly<Record<HeadroomArm, string>> = {
  start: 'Starting prompt alone',
  'hand-written': 'Hand-written prompt alone',
  none: 'No prompt',
  examples: 'Starting prompt and examples',
};

/** With what answers are better, as the beginning of a clause. */
const withWhat: Readonly<Record<HeadroomArm, string>> = {
  start: 'with the starting prompt',
  'hand-written': 'with the hand-written prompt',
  none: 'without any prompt',
  examples: 'with examples before the question',
};

/** How much there is to win, in a sentence or two. `over`: the run has ended, and there is nothing left to stop. */
export function headroomOutcome(headroom: Headroom, over: boolean): string {
  const start = headroom.arms.find((a) => a.arm === 'start');
  const rated = (start?.mean ?? 0).toFixed(1);
  const stop = over ? '' : ' You can stop here and keep it.';
  switch (headroom.why) {
    case 'near-five':
      return `There is little to win: the starting prompt is already rated ${rated} of 5.${stop}`;
    case 'none-better':
      return `There is little to win: the starting prompt is already rated ${rated} of 5, and nothing else that was tried did noticeably better.${stop}`;
    case 'shown':
      return `There is room: ${bestGain(headroom)}.`;
    case 'open':
      return `There is room: the starting prompt is rated ${rated} of 5. That a better prompt can use it is not shown: nothing else that was tried did clearly better.`;
    case 'too-few':
      return `How much there is to win is not known: ${String(start?.readable ?? 0)} of ${String(start?.queries ?? 0)} answers to the starting prompt could be rated, and it takes ${String(fewestTried)}.`;
    case 'judge-cannot-tell':
      return 'How much there is to win is not known: this judge does not tell good answers from bad ones, so its ratings prove nothing.';
  }
}

function bestGain({ arms }: Headroom): string {
  const shown = arms.flatMap(({ arm, gain }) => (gain?.shown ? [{ arm, gain }] : []));
  const [best] = shown.toSorted((a, b) => b.gain.difference - a.gain.difference);
  return best
    ? `${withWhat[best.arm]} answers are rated ${best.gain.difference.toFixed(2)} points higher than with the starting prompt alone`
    : 'something that was tried is better than the starting prompt alone';
}
