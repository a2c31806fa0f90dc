import type { JudgeCheck, PlantedCheck } from '../../core/judge-check.ts';
import { headroomArmNames, headroomOutcome } from '../../view/headroom-words.ts';
import { blindOn, checkOutcome, listed, plantingNames } from '../../view/judge-words.ts';
import type { Told } from './content.ts';
import { html, said, type Markup, type Piece } from './html.ts';
import { bounded, most, table, type Section } from './parts.ts';

/** Whether the judge can be believed, and how much there was to win, where that was measured. */
export function judgeSections(told: Told): readonly Section[] {
  const { judgeCheck, headroom } = told.run;
  return [
    ...(judgeCheck ? [judgeSection(told, judgeCheck)] : []),
    ...(headroom ? [headroomSection(told)] : []),
  ];
}

function judgeSection(told: Told, check: JudgeCheck): Section {
  const { numbers } = told;
  const { planted, interval } = check;
  const [good, spoiled] = planted ? ['Good', 'Spoiled'] : ['Right', 'Wrong'];
  const blind = blindOn(check);
  const from = planted ? ` from ${numbers.counted(planted.examples, 'example')}` : '';
  return {
    id: 'judge',
    title: 'Judge check',
    note: 'Before the run the judge rates good answers and answers that are spoiled on purpose. One that cannot tell them apart cannot tell a better prompt either.',
    body: html`
      <p class="outcome ${check.tells ? 'good' : 'warn'}">${checkOutcome(check)}</p>
      ${blind === null ? null : html`<p>${said(blind, most.line)}</p>`}
      ${bars([
        {
          name: `${good} answers`,
          share: (check.right - 1) / 4,
          words: numbers.score(check.right),
        },
        {
          name: `${spoiled} answers`,
          share: (check.wrong - 1) / 4,
          words: numbers.score(check.wrong),
        },
      ])}
      <p class="muted small">
        Mean ratings, 1 to 5, of ${numbers.counted(check.pairs, 'pair')}${from}; 95 % interval of
        the difference ${numbers.plain(interval.low)} to ${numbers.plain(interval.high)}.
      </p>
      ${planted ? plantedParts(told, planted) : null}
    `,
  };
}

interface Bar {
  readonly name: string;
  /** 0 to 1. */
  readonly share: number;
  readonly words: Piece;
}

function bars(rows: readonly Bar[]): Markup {
  const width = (share: number) => `${(Math.min(1, Math.max(0, share)) * 100).toFixed(1)}%`;
  return html`<dl class="bars">
    ${rows.map(
      ({ name, share, words }) =>
        html`<div>
          <dt>${name}</dt>
          <dd>
            <svg width="100%" height="8" aria-hidden="true">
              <rect class="track" width="100%" height="8" rx="4" />
              <rect class="fill" width="${width(share)}" height="8" rx="4" />
            </svg>
            <span class="value">${words}</span>
          </dd>
        </div>`,
    )}
  </dl>`;
}

function plantedParts(told: Told, planted: PlantedCheck): Markup {
  const { numbers } = told;
  const notMade = listed(planted.notMade.map((kind) => plantingNames[kind].toLowerCase()));
  return html`
    <h3>How often the good answer wins</h3>
    ${bars(
      planted.kinds.map(({ kind, pairs, wins }) => ({
        name: plantingNames[kind],
        share: wins,
        words: html`${numbers.percent(wins)} <span class="muted">of ${pairs}</span>`,
      })),
    )}
    <p class="muted small">
      A tie counts half; 50 % is
      chance.${notMade ? ` Not possible with these examples: ${notMade}.` : null}
    </p>
    <h3>By criterion</h3>
    ${criteriaTable(told, planted)}
  `;
}

function criteriaTable({ numbers }: Told, { criteria, dropped }: PlantedCheck): Markup {
  const { rows, left } = bounded(criteria, 'criteria');
  const tells = (told: boolean | null) => (told === null ? 'too few pairs' : told ? 'yes' : 'no');
  return html`${table(
      'The judge by criterion',
      [
        { head: 'Criterion' },
        { head: 'Good one wins', number: true },
        { head: '95 % interval', number: true },
        { head: 'Tells' },
        { head: '5s', number: true },
        { head: 'Length', number: true },
        { head: 'Unsure by', number: true },
        { head: 'Moves', number: true },
      ],
      rows.map((c) => ({
        cells: [
          html`${said(c.criterion, most.name)}${
            dropped.includes(c.criterion) ? html` <span class="muted">(left out)</span>` : null
          }`,
          `${numbers.percent(c.wins)} of ${numbers.whole(c.pairs)}`,
          `${numbers.percent(c.interval.low)} to ${numbers.percent(c.interval.high)}`,
          tells(c.tells),
          numbers.percent(c.fives),
          c.lengthSlope === null ? '–' : numbers.plain(c.lengthSlope),
          numbers.score(c.spread),
          c.agreement === null ? '–' : numbers.plain(c.agreement.difference),
        ],
      })),
    )}
    <p class="muted small">
      5s: the share of ratings nearer to 5 than to 4. Length: points for each 100 characters of
      answer. Unsure by: the mean standard deviation of its probabilities of 1 to 5. Moves: how far
      a rating moves, in points, when the criterion is said in other words.
    </p>
    ${left}`;
}

function headroomSection({ run, numbers }: Told): Section {
  const { headroom } = run;
  const queries = headroom?.arms[0]?.queries ?? 0;
  return {
    id: 'headroom',
    title: 'How much there was to win',
    note: html`What was tried before the search, on
    ${numbers.counted(queries, 'training query', 'training queries')}.`,
    body: headroom
      ? html`<p class="outcome">${headroomOutcome(headroom, true)}</p>
          ${table(
            'What was tried before the search',
            [
              { head: 'Tried' },
              { head: 'Mean rating', number: true },
              { head: '95 % interval', number: true },
              { head: 'Against the start', number: true },
              { head: '95 % interval', number: true },
            ],
            headroom.arms.map(({ arm, mean, interval, gain }) => ({
              cells: [
                headroomArmNames[arm],
                numbers.score(mean),
                mean === null ? '–' : intervalWords(interval, numbers),
                gain ? numbers.signed(gain.difference) : '–',
                gain ? intervalWords(gain.interval, numbers) : '–',
              ],
            })),
          )}`
      : null,
  };
}

function intervalWords(
  { low, high }: { readonly low: number; readonly high: number },
  { plain }: Told['numbers'],
): string {
  return `${plain(low)} to ${plain(high)}`;
}
