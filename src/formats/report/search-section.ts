import type { Run } from '../../core/run.ts';
import { candidateName } from '../../view/standing.ts';
import type { Told } from './content.ts';
import { html, type Markup, type Piece } from './html.ts';
import { bounded, table, type Section } from './parts.ts';
import { scoreChart, spreadColumns, type SpreadColumn } from './score-chart.ts';

/** How the search went, level by level; none where no level came to anything. */
export function searchSections({ run, numbers }: Told): readonly Section[] {
  const columns = spreadColumns(run).filter((c) => c.dots.length > 0);
  if (columns.length === 0) return [];
  const { rows, left } = bounded(columns, 'levels');
  const spared = run.levels.reduce((sum, level) => sum + level.spared, 0);
  return [
    {
      id: 'search',
      title: 'Score by level',
      note: 'Levels meet on different queries, so that a level may be lower than the one before and its prompts better. What counts is the verdict.',
      body: html`
        ${scoreChart(run, rows, numbers)} ${legend(rows)} ${levelTable(run, rows, numbers)}${left}
        ${
          spared > 0
            ? html`<p class="muted small">
                ${numbers.counted(spared, 'answer was', 'answers were')} never asked for: the
                prompts they would have been for could hardly catch up any more.
              </p>`
            : null
        }
      `,
    },
  ];
}

function legend(columns: readonly SpreadColumn[]): Markup {
  const standings = new Set(columns.flatMap((c) => c.dots.map((d) => d.standing)));
  const key = (mark: Markup, words: string) =>
    html`<li><svg width="22" height="14" aria-hidden="true">${mark}</svg>${words}</li>`;
  const dot = (standing: SpreadColumn['dots'][number]['standing'], words: string): Piece =>
    standings.has(standing)
      ? key(
          html`<circle
            class="${standing}"
            cx="11"
            cy="7"
            r="${standing === 'selected' ? 6 : 4.5}"
          />`,
          words,
        )
      : null;
  return html`<ul class="legend scores">
    ${dot('selected', 'found')} ${dot('kept', 'kept')} ${dot('dropped', 'dropped')}
    ${dot('open', 'not decided')}
    ${key(html`<line class="best" x1="0" x2="22" y1="7" y2="7" />`, 'best of each level')}
    ${key(html`<line class="start" x1="0" x2="22" y1="7" y2="7" />`, 'starting prompt, all queries')}
    ${
      columns.some((c) => c.key === 'selection')
        ? html`<li>Final: selection, on new queries</li>`
        : null
    }
    ${
      columns.some((c) => c.spread !== null)
        ? key(
            html`<line class="spread" x1="11" x2="11" y1="0" y2="14" />`,
            'spread of the best over the queries (one standard deviation)',
          )
        : null
    }
  </ul>`;
}

function levelTable(run: Run, columns: readonly SpreadColumn[], numbers: Told['numbers']): Markup {
  const queriesAt = new Map(
    run.levels.map((level) => [`level-${String(level.level)}`, level.queries.length]),
  );
  const rows = columns.map(({ key, label, dots, spread }) => {
    const [best] = dots;
    const queries = queriesAt.get(key);
    return {
      cells: [
        label,
        numbers.whole(dots.length),
        queries === undefined ? '' : numbers.whole(queries),
        best ? candidateName(best.candidate) : '',
        numbers.score(best?.score),
        spread ? numbers.score(spread.deviation) : '–',
      ],
    };
  });
  return table(
    'Score by level',
    [
      { head: 'Level' },
      { head: 'Prompts', number: true },
      { head: 'Queries', number: true },
      { head: 'Best', number: true },
      { head: 'Ranked by', number: true },
      { head: 'Spread', number: true },
    ],
    rows,
  );
}
