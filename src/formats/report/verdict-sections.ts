import type { ArmResult, Comparison, CriterionComparison } from '../../core/verdict.ts';
import {
  againstNames,
  armNames,
  correctionWords,
  fallsWhenCorrected,
  inShownOrder,
  unfinishedWords,
  verdictWords,
  type VerdictWords,
} from '../../view/verdict-words.ts';
import type { Told } from './content.ts';
import { html, said, type Markup, type Piece } from './html.ts';
import { intervalChart } from './interval-chart.ts';
import { bounded, most, table, type Section } from './parts.ts';

/** The verdict in the app's words, to anyone; what a run without one says instead. */
export function verdictSentence({ run, record, numbers }: Told): VerdictWords {
  const { verdict } = run;
  if (!verdict) {
    return unfinishedWords(
      { over: run.ended !== null, found: run.candidates.length > 1 },
      { whose: 'the' },
    );
  }
  return verdictWords(verdict, {
    whose: 'the',
    // Without a system prompt only the examples were improved.
    ...(!record.settings.systemPrompt && { baseline: 'answering without examples' }),
    numbers,
  });
}

/** The found prompt against the others on the test queries, and criterion by criterion; none where nothing was tested. */
export function verdictSections(told: Told): readonly Section[] {
  const { verdict } = told.run;
  if (!verdict || verdict.arms.length === 0) return [];
  const { comparisons, criteria = [] } = verdict;
  const against: Section = {
    id: 'against',
    title: 'The found prompt against the others',
    note: 'Differences of mean ratings, in points on the judge’s scale of 1 to 5. The bar is the 95 % interval: where it crosses 0, the data do not show a difference.',
    body: html`${comparisons.length > 0 ? comparisonChart(told, comparisons) : null}
    ${armTable(told)} ${notes(told)}`,
  };
  return criteria.length > 0 ? [against, byCriterion(told, criteria)] : [against];
}

function comparisonChart({ numbers }: Told, comparisons: readonly Comparison[]): Markup {
  const rows = comparisons.map((c) => ({
    label: againstNames[c.against],
    difference: c.difference,
    interval: c.interval,
    counts: !fallsWhenCorrected(c),
  }));
  return intervalChart(rows, numbers);
}

function armTable({ run, numbers }: Told): Piece {
  const { verdict } = run;
  if (!verdict) return null;
  const against = new Map(verdict.comparisons.map((c) => [c.against, c]));
  const withExamples = run.arms.some((arm) => arm.arm === 'found' && arm.withExamples);
  const nameOf = ({ arm }: ArmResult) =>
    arm === 'found' && withExamples ? `${armNames[arm]} with examples` : armNames[arm];
  const rows = inShownOrder(verdict.arms).map((arm) => {
    const comparison = against.get(arm.arm);
    const read =
      arm.readable < arm.queries
        ? html` <span class="muted">(${arm.readable} of ${arm.queries} read)</span>`
        : null;
    return {
      strong: arm.arm === 'found',
      cells: [
        nameOf(arm),
        html`${numbers.score(arm.mean)}${read}`,
        comparison ? `${comparison.wins}–${comparison.ties}–${comparison.losses}` : '',
        comparison ? numbers.whole(comparison.pairs) : '',
        numbers.whole(Math.round(arm.answerChars)),
      ],
    };
  });
  return table(
    'Means on the test queries',
    [
      { head: 'On the test queries' },
      { head: 'Mean rating', number: true },
      { head: 'Found wins–ties–losses', number: true },
      { head: 'Queries', number: true },
      { head: 'Length', number: true },
    ],
    rows,
  );
}

function notes({ run }: Told): Piece {
  const { verdict } = run;
  if (!verdict) return null;
  const correction = correctionWords(verdict);
  return html`
    <p class="muted small">
      Length: mean characters of the answers. Judges like long answers, so it belongs beside the
      rating.
    </p>
    ${correction === null ? null : html`<p class="muted small">${correction}</p>`}
    ${
      verdict.method === undefined && verdict.comparisons.length > 0
        ? html`<p class="muted small">
            Measured before the app had better intervals: on few queries these are a little too
            narrow.
          </p>`
        : null
    }
  `;
}

function byCriterion({ numbers }: Told, criteria: readonly CriterionComparison[]): Section {
  // Those with the most queries say the most.
  const { rows, left } = bounded(
    criteria.toSorted((a, b) => b.pairs - a.pairs),
    'criteria',
  );
  return {
    id: 'criteria',
    title: 'By criterion',
    note: 'Found against start, each on the queries that were rated on it. For reading only: one interval in twenty lies off 0 by chance.',
    body: html`${intervalChart(
      rows.map((c) => ({
        label: html`${said(c.criterion, most.name)}
          <span class="muted"
            >${numbers.score(c.start)} → ${numbers.score(c.found)},
            ${numbers.counted(c.pairs, 'query', 'queries')}</span
          >`,
        difference: c.difference,
        interval: c.interval,
        counts: true,
      })),
      numbers,
    )}${left}`,
  };
}
