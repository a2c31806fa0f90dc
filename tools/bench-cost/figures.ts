import type { Purpose } from '../../src/core/llm.ts';
import type { Asked, Measured } from './measure.ts';
import { decodeSteps, prefilled } from './port.ts';

/** What `--json` writes. Ratios; the first two of decoding steps to the tokens of the answers, of which 1 is the least. */
export interface Figures {
  readonly decodedOverAnswers: number;
  readonly paperDecodedOverAnswers: number;
  /** The evaluator's decoding steps under the paper preset's protocol over those under ours; over 1 where ours has none. */
  readonly judgeTokensRatio: number;
}

/** At most, and at least. */
export const bars = { decodedOverAnswers: 1.15, judgeTokensRatio: 8 } as const;

type Protocol = Pick<Measured, 'search' | 'written'>;

/** The figures, from every request of both protocols. */
export function figuresOf({ search, written }: Protocol): Figures {
  const answers = answerTokens(search);
  const paper = inWriting({ search, written });
  return {
    decodedOverAnswers: round(steps(search) / answers, 4),
    paperDecodedOverAnswers: round(steps(paper) / answers, 4),
    judgeTokensRatio: round(steps(judging(paper)) / Math.max(1, steps(judging(search))), 2),
  };
}

/** The search's requests with its ratings and reasons replaced by written ratings. */
function inWriting({ search, written }: Protocol): readonly Asked[] {
  const rest = search.filter(({ purpose }) => purpose !== 'rate' && purpose !== 'explain');
  return [...rest, ...written];
}

function judging(asked: readonly Asked[]): readonly Asked[] {
  return asked.filter(({ role }) => role === 'evaluator');
}

function steps(asked: readonly Asked[]): number {
  return asked.reduce((sum, { usage }) => sum + decodeSteps(usage), 0);
}

function reading(asked: readonly Asked[]): number {
  return asked.reduce((sum, { usage }) => sum + prefilled(usage), 0);
}

function answersIn(asked: readonly Asked[]): readonly Asked[] {
  return asked.filter(({ purpose }) => purpose === 'answer');
}

function answerTokens(asked: readonly Asked[]): number {
  return answersIn(asked).reduce((sum, { usage }) => sum + usage.outputTokens, 0);
}

const rows: Readonly<Partial<Record<Purpose, string>>> = {
  answer: 'answers',
  'choose-criteria': 'choices of criteria',
  rate: 'ratings',
  explain: 'reasons',
  rewrite: 'rewrites',
};

/** The report, line by line: costs for each rated answer under both protocols, the ratios, and which bars are met. */
export function linesOf(measured: Measured): readonly string[] {
  const { search, attempts, levels, unreadable } = measured;
  const figures = figuresOf(measured);
  const rated = answersIn(search).length;
  const inSearch = search.filter(({ phase }) => phase === 'search');
  const strict = figuresOf({ search, written: measured.writtenAsRated });
  return [
    `${String(rated)} answers of ${String(answerTokens(search) / rated)} tokens rated, over ${String(levels.length)} levels and the selection; ${String(attempts.length - rated)} known from before.`,
    '',
    'For each rated answer         requests  prefilled  decoded',
    ...tableOf('ours', search, rated),
    ...tableOf('paper protocol', inWriting(measured), rated),
    ...(unreadable === 0 ? [] : [`${String(unreadable)} written ratings could not be read.`]),
    '',
    barLine(
      'decoded / answer tokens, ours',
      figures.decodedOverAnswers,
      'at most',
      bars.decodedOverAnswers,
    ),
    `  without the selection: ${String(round(steps(inSearch) / answerTokens(inSearch), 4))}`,
    `decoded / answer tokens, paper protocol: ${String(figures.paperDecodedOverAnswers)}`,
    barLine(
      "the evaluator's decoding, paper protocol / ours",
      figures.judgeTokensRatio,
      'at least',
      bars.judgeTokensRatio,
    ),
    `  written on no more criteria than ours: ${String(strict.judgeTokensRatio)}`,
  ];
}

function tableOf(title: string, asked: readonly Asked[], rated: number): readonly string[] {
  const row = (name: string, own: readonly Asked[]) =>
    name.padEnd(28) +
    [own.length, reading(own), steps(own)]
      .map((sum, i) => (sum / rated).toFixed(i === 0 ? 2 : 1).padStart(10))
      .join('');
  const known = Object.entries(rows).flatMap(([purpose, name]) => {
    const own = asked.filter((a) => a.purpose === purpose);
    return own.length === 0 ? [] : [row(`  ${name}`, own)];
  });
  return [row(title, asked), ...known];
}

function barLine(name: string, value: number, side: 'at most' | 'at least', bar: number): string {
  const met = side === 'at most' ? value <= bar : value >= bar;
  return `${name}: ${String(value)} (${side} ${String(bar)}): ${met ? 'met' : 'MISSED'}`;
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
