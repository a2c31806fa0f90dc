import { telling, type ReportContent, type Told } from './content.ts';
import { clip, html, said, Markup, type Piece } from './html.ts';
import { judgeSections } from './judge-sections.ts';
import { most, type Section } from './parts.ts';
import { promptSections } from './prompt-sections.ts';
import { searchSections } from './search-section.ts';
import { checkSection, setupSections, totalCost } from './setup-sections.ts';
import { style } from './style.ts';
import { verdictSections, verdictSentence } from './verdict-sections.ts';

/** The report loads nothing and runs nothing, whatever was written into it. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/**
 * A run as one HTML file to read, send and print: verdict, evidence, found prompt with its lineage, search, judge check, cost, settings. No
 * script, nothing from elsewhere, charts as SVG. What people and models wrote is text in it, cut where it is long.
 * Any run can be told, finished or not. Throws a RangeError for a locale or time zone that is none.
 */
export function reportHtml(content: ReportContent): string {
  const told = telling(content);
  const sections: readonly Section[] = [
    ...verdictSections(told),
    ...promptSections(told),
    ...searchSections(told),
    ...judgeSections(told),
    ...setupSections(told),
    checkSection(told),
  ];
  const title = `${clip(told.record.name, most.name)}: ${verdictSentence(told).headline}`;
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta http-equiv="Content-Security-Policy" content="${policy}" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="referrer" content="no-referrer" />
      <meta name="color-scheme" content="light dark" />
      <title>${title}</title>
      <style>
        ${style}
      </style>
    </head>
    <body>
      <article>${head(told)} ${contents(sections)} ${sections.map(section)} ${foot(told)}</article>
    </body>
  </html>`;
  return `<!doctype html>\n${String(page)}\n`;
}

const logo = html`<svg class="logo" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
  <rect width="32" height="32" rx="9" />
  <path d="M7.5 16h4c4.5 0 4-6.5 9-6.5" />
  <path class="faint" d="M11.5 16c4.5 0 4 6.5 9 6.5" />
  <circle cx="7.5" cy="16" r="2.6" />
  <circle cx="23" cy="9.5" r="3.6" />
  <circle class="faint" cx="22.5" cy="22.5" r="2.2" />
</svg>`;

function head(told: Told): Markup {
  const { record, app, date } = told;
  const words = verdictSentence(told);
  return html`<header class="${words.tone}">
    <p class="brand">${logo}<span>${app.name}</span><span class="muted">Report</span></p>
    <p class="name">
      ${said(record.name, most.name)}<span class="muted">, ${date(record.created)}</span>
    </p>
    <h1>${words.headline}</h1>
    <p class="because">${words.because}</p>
    ${
      words.measured
        ? html`<p class="muted small">
            Points are on the judge’s scale of 1 to 5. The interval is the range in which the true
            difference lies, as far as these test queries can say: of 100 such ranges 95 hold it.
          </p>`
        : null
    }
    ${outcomeNote(told)} ${figures(told)}
  </header>`;
}

/** Why a run came to no end of its own. */
function outcomeNote({ record, run }: Told): Piece {
  const { error } = record;
  if (record.status === 'failed' && error) {
    return html`<p class="note">The run was interrupted: ${said(error.message, most.query)}</p>`;
  }
  return run.ended === 'stopped' && run.verdict !== null
    ? html`<p class="note">The run was stopped before its search was through.</p>`
    : null;
}

/** The few numbers that say how large all this was. */
function figures(told: Told): Markup {
  const { run, cost, numbers } = told;
  const total = totalCost(cost);
  const meanOf = (arm: string) => run.verdict?.arms.find((a) => a.arm === arm)?.mean ?? null;
  const [start, found] = [meanOf('start'), meanOf('found')];
  const decisive = run.verdict?.comparisons.find((c) => c.against === 'start');
  const tokens = total.promptTokens + total.outputTokens;
  const shown: readonly (readonly [value: string, words: string] | null)[] = [
    found === null || start === null
      ? null
      : [`${numbers.score(start)} → ${numbers.score(found)}`, 'mean rating, start to found'],
    decisive
      ? [
          `${decisive.wins}–${decisive.ties}–${decisive.losses}`,
          `wins, ties, losses on ${numbers.counted(decisive.pairs, 'query', 'queries')}`,
        ]
      : null,
    run.candidates.length > 0
      ? [
          numbers.whole(run.candidates.length),
          run.candidates.length === 1 ? 'prompt tried' : 'prompts tried',
        ]
      : null,
    [numbers.whole(total.requests), 'requests'],
    [numbers.whole(tokens), 'tokens'],
    [numbers.duration(total.elapsedMs), 'of model time'],
  ];
  return html`<ul class="figures">
    ${shown.map((figure) =>
      figure
        ? html`<li><strong>${figure[0]}</strong><span class="muted">${figure[1]}</span></li>`
        : null,
    )}
  </ul>`;
}

function contents(sections: readonly Section[]): Markup {
  return html`<nav aria-label="Contents">
    <ul>
      ${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}
    </ul>
  </nav>`;
}

function section({ id, title, note, body }: Section): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title">
    <div class="aside">
      <h2 id="${id}-title">${title}</h2>
      <p class="muted small">${note}</p>
    </div>
    <div class="body">${body}</div>
  </section>`;
}

function foot({ app }: Told): Markup {
  return html`<footer class="muted small">
    <p>
      ${app.name} ${app.version} runs Dynamic Rewarding with Prompt Optimization (Singla et al.,
      EMNLP 2024, arXiv 2411.08733) in a browser tab.
    </p>
  </footer>`;
}
