import type { Arm } from '../core/events.ts';
import { outcomeOf, type Comparison, type Verdict } from '../core/verdict.ts';
import { numbersIn, type Numbers } from './numbers.ts';

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
  none: 'No prompt',
  start: 'Starting prompt alone',
  'hand-written': 'Hand-written prompt alone',
  'found-alone': 'Found prompt alone',
  found: 'Found prompt',
};

/** What stands beside the bar of a comparison. */
export const againstNames: Readonly<Record<Arm, string>> = {
  none: 'vs no prompt',
  start: 'vs starting',
  'hand-written': 'vs hand-written',
  'found-alone': 'vs no examples',
  found: 'vs found',
};

const shownOrder: readonly Arm[] = ['none', 'start', 'hand-written', 'found-alone', 'found'];

/** The prompts of a verdict from the least to the one that was found, whatever order they were tested in. */
export function inShownOrder(arms: Verdict['arms']): Verdict['arms'] {
  return arms.toSorted((a, b) => shownOrder.indexOf(a.arm) - shownOrder.indexOf(b.arm));
}

/** Whether a comparison's interval alone would claim what its correction for several comparisons does not let stand. */
export function fallsWhenCorrected({ outcome, pairs, interval }: Comparison): boolean {
  return outcome === 'no-difference' && outcomeOf(pairs, interval) !== 'no-difference';
}

/** How the comparisons besides the one with the starting prompt are to be read; null where they are fewer than two. */
export function correctionWords({ comparisons }: Verdict): string | null {
  const others = comparisons.filter((c) => c.against !== 'start');
  if (others.length < 2) return null;
  const fallen = others.filter(fallsWhenCorrected).map((c) => `“${againstNames[c.against]}”`);
  const told = `Only the comparison with the starting prompt was chosen beforehand; the other ${String(others.length)} count as far as they stand when corrected for their number (Holm).`;
  if (fallen.length === 0) return told;
  return `${told} Here ${fallen.join(' and ')} would count alone, and ${fallen.length === 1 ? 'does' : 'do'} not.`;
}

/** For whom a verdict is put into words. */
export interface Telling {
  /** Who began with the starting prompt: the reader, or anyone. */
  readonly whose: 'your' | 'the';
  /** What the found prompt is compared with, where that isn't the starting prompt. */
  readonly baseline?: string;
  readonly numbers: Numbers;
}

/** To the person whose run it is, in the machine's locale. */
const toYou: Telling = { whose: 'your', numbers: numbersIn() };

/** Says what the data say and no more: an interval that holds 0, or a judge that cannot tell, is never an improvement. */
export function verdictWords(verdict: Verdict, telling: Telling = toYou): VerdictWords {
  const start = verdict.comparisons.find((c) => c.against === 'start');
  const prompt = `${telling.whose} starting prompt`;
  switch (verdict.why) {
    case 'judge-cannot-tell':
      return unproven(
        'This judge rates right and wrong answers alike, so its ratings prove nothing. Another model as judge may do better.',
      );
    case 'unchanged':
      return unproven(
        `The search kept ${prompt}: nothing it tried did better on the queries for selection.`,
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
        because: `The found prompt was never compared with ${prompt} on new queries, so nothing can be said about whether it is better.`,
      };
    case 'measured':
      return start
        ? measured(verdict, start, telling)
        : unproven(`There is no comparison with ${prompt}.`);
  }
}

function measured(verdict: Verdict, start: Comparison, telling: Telling): VerdictWords {
  const { difference, interval, pairs } = start;
  const { plain } = telling.numbers;
  const prompt = `${telling.whose} starting prompt`;
  const baseline = telling.baseline ?? prompt;
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
      because: telling.baseline === undefined ? `${numbers} Keep ${prompt}.` : numbers,
    };
  }
  return {
    tone: 'plain',
    measured: true,
    headline: 'No significant difference',
    because: `The measured difference is ${plain(difference)} points, but it could as well be none: ${numbers}`,
  };
}

function unproven(because: string): VerdictWords {
  return { tone: 'plain', measured: false, headline: 'No improvement could be shown', because };
}

function queries(pairs: number): string {
  return `${String(pairs)} test ${pairs === 1 ? 'query' : 'queries'}`;
}

/** What stands in the verdict's place where a run has none. `found`: it has tried more than the starting prompt. */
export function unfinishedWords(
  { over, found }: { readonly over: boolean; readonly found: boolean },
  { whose }: Pick<Telling, 'whose'> = toYou,
): VerdictWords {
  const prompt = `${whose} starting prompt`;
  const best = found ? 'Below is the best so far' : `So far that is ${prompt}`;
  if (over) {
    return {
      tone: 'plain',
      measured: false,
      headline: 'Stopped before the test',
      because: `${best}. It was not compared with ${prompt} on new queries, so nothing can be said about whether it is better.`,
    };
  }
  return {
    tone: 'plain',
    measured: false,
    headline: 'The run is not over',
    because: `${best}. The verdict comes with the test at the end.`,
  };
}
