import type { SessionStatus } from '../../app/session.svelte.ts';
import type { Arm } from '../../core/events.ts';
import type { Comparison, Verdict } from '../../core/verdict.ts';
import { plain } from '../charts/numbers.ts';

/** A verdict in words. `tone` is good only where the data show an improvement. */
export interface VerdictWords {
  readonly tone: 'good' | 'bad' | 'plain';
  readonly headline: string;
  /** The numbers behind the headline, or why there are none. */
  readonly because: string;
  /** The words hold a difference and its interval. */
  readonly measured: boolean;
}

/** Only the found prompt is tried with examples, as the search found it; the others as a person would use them. */
export const armNames: Readonly<Record<Arm, string>> = {
  start: 'Starting prompt alone',
  'hand-written': 'Hand-written prompt alone',
  found: 'Found prompt',
};

const yourPrompt = 'your starting prompt';

/** Says what the data say and no more: an interval that holds 0, or a judge that cannot tell, is never an improvement. */
export function verdictWords(verdict: Verdict, baseline = yourPrompt): VerdictWords {
  const start = verdict.comparisons.find((c) => c.against === 'start');
  switch (verdict.why) {
    case 'judge-cannot-tell':
      return unproven(
        'This judge rates right and wrong answers alike, so its ratings prove nothing. Another model as judge may do better.',
      );
    case 'unchanged':
      return unproven(
        'The search kept your starting prompt: nothing it tried did better on the queries for selection.',
      );
    case 'too-few-pairs':
      return unproven(
        `Only ${queries(start?.pairs ?? 0)} could be compared, too few to say anything. Run again with more test queries.`,
      );
    case 'not-tested':
      return {
        tone: 'plain',
        measured: false,
        headline: 'Not tested',
        because:
          'The found prompt was never compared with your starting prompt on new queries, so nothing can be said about whether it is better.',
      };
    case 'measured':
      return start
        ? measured(verdict, start, baseline)
        : unproven('There is no comparison with your starting prompt.');
  }
}

function measured(verdict: Verdict, start: Comparison, baseline: string): VerdictWords {
  const { difference, interval, pairs } = start;
  const size = `${plain(Math.abs(difference))} points`;
  const numbers = `95 % interval ${plain(interval.low)} to ${plain(interval.high)}, ${queries(pairs)}.`;
  if (verdict.outcome === 'better' && interval.low > 0) {
    return {
      tone: 'good',
      measured: true,
      headline: `Better than ${baseline} by ${size}`,
      because: numbers,
    };
  }
  if (verdict.outcome === 'worse' && interval.high < 0) {
    return {
      tone: 'bad',
      measured: true,
      headline: `Worse than ${baseline} by ${size}`,
      because: baseline === yourPrompt ? `${numbers} Keep your starting prompt.` : numbers,
    };
  }
  return unproven(
    `The measured difference is ${plain(difference)} points, but it could as well be none: ${numbers}`,
    true,
  );
}

function unproven(because: string, measured = false): VerdictWords {
  return { tone: 'plain', measured, headline: 'No improvement could be shown', because };
}

function queries(pairs: number): string {
  return `${String(pairs)} test ${pairs === 1 ? 'query' : 'queries'}`;
}

/** What stands in the verdict's place where a run has none. */
export function unfinishedWords(status: SessionStatus, found: boolean): VerdictWords {
  const best = found ? 'Below is the best so far' : 'So far that is your starting prompt';
  if (status === 'stopped' || status === 'finished') {
    return {
      tone: 'plain',
      measured: false,
      headline: 'Stopped before the test',
      because: `${best}. It was not compared with your starting prompt on new queries, so nothing can be said about whether it is better.`,
    };
  }
  return {
    tone: 'plain',
    measured: false,
    headline: 'The run is not over',
    because: `${best}. The verdict comes with the test at the end.`,
  };
}
