import { foundExamples } from '../../core/found.ts';
import {
  promptText,
  samePrompt,
  type Bullet,
  type Origin,
  type Prompt,
} from '../../core/prompt.ts';
import type { Candidate } from '../../core/run.ts';
import type { ExampleSettings } from '../../core/settings.ts';
import type { BulletEffect } from '../../core/weigh-bullets.ts';
import type { Numbers } from '../../view/numbers.ts';
import { promptChange, type LineChange } from '../../view/prompt-diff.ts';
import { candidateName, levelName } from '../../view/standing.ts';
import type { Told } from './content.ts';
import { clip, html, said, type Markup, type Piece } from './html.ts';
import { intervalChart } from './interval-chart.ts';
import { bounded, most, type Section } from './parts.ts';
import { treeChart } from './tree-chart.ts';

/** The found prompt with where each of its lines came from, the way to it, and its examples. */
export function promptSections(told: Told): readonly Section[] {
  const searched = told.record.settings.systemPrompt;
  return [
    ...(searched ? [promptSection(told)] : []),
    ...(searched && told.path.length > 1 ? [lineageSection(told)] : []),
    ...examplesSection(told),
  ];
}

function promptSection(told: Told): Section {
  const { run, record, found } = told;
  const same = samePrompt(found, record.startingPrompt);
  const chosen = run.verdict !== null || run.selected !== null;
  const effects = run.bulletEffects;
  return {
    id: 'prompt',
    title: chosen ? 'The found prompt' : 'The best prompt so far',
    note: html`Each line says which answer called for it, and on which criterion that was
    weakest.${effects.length > 0 ? ' What a line does was measured by leaving it out.' : null}`,
    body: html`
      <div class="card prompt">${promptLines(told, found)}</div>
      ${effects.length > 0 ? effectChart(told) : null}
      <div class="pair">
        <div>
          <h3>It began as</h3>
          <div class="card prompt">${promptLines(told, record.startingPrompt, true)}</div>
        </div>
        <div>
          <h3>What changed</h3>
          ${
            same
              ? html`<p class="muted">Nothing: this is the starting prompt.</p>`
              : changes(record.startingPrompt, found)
          }
        </div>
      </div>
    `,
  };
}

function promptLines(told: Told, prompt: Prompt, bare = false): Markup {
  if (promptText(prompt).trim() === '') {
    return html`<p class="muted">No system prompt at all.</p>`;
  }
  const opening = prompt.opening.trim();
  const { rows, left } = bounded(prompt.bullets, 'lines');
  const lines = rows.map(
    (bullet) =>
      html`<li>
        <p>${said(bullet.text, most.line)}${bullet.locked ? locked : null}</p>
        ${bare ? null : html`<p class="muted small">${originWords(told, bullet.origin)}${effectWords(told, bullet)}</p>`}
      </li>`,
  );
  return html`${
    opening === ''
      ? null
      : html`<p class="opening">
          ${said(opening, most.line)}${prompt.openingLocked ? locked : null}
        </p>`
  }${
    lines.length > 0
      ? html`<ul>
          ${lines}
        </ul>`
      : null
  }${left}`;
}

/** What leaving the line out has shown, where that was measured. */
function effectWords({ run, numbers }: Told, { id }: Bullet): Piece {
  const measured = run.bulletEffects.find((e) => e.bullet === id);
  if (!measured || measured.pairs === 0) return null;
  const { low, high } = measured.interval;
  return html`. Effect <strong>${numbers.signed(measured.effect)}</strong> (${numbers.plain(low)} to
    ${numbers.plain(high)})`;
}

const locked = html` <span class="muted small">(locked)</span>`;

function originWords({ query }: Told, origin: Origin): Piece {
  switch (origin.type) {
    case 'start':
      return 'From the starting prompt';
    case 'person':
      return 'Written by a person';
    case 'proposal': {
      const weak =
        origin.criterion === null ? null : html`, weakest in ${said(origin.criterion, most.name)}`;
      return html`Proposed for ${clip(candidateName(origin.parent), most.name)} after its answer to
      “${said(query(origin.query), most.query)}”${weak}`;
    }
  }
}

/** What each bullet does; those that the found prompt has no more were dropped for it. */
function effectChart({ run, found, numbers }: Told): Markup {
  const { rows, left } = bounded(run.bulletEffects, 'lines');
  const kept = new Set(found.bullets.map((b) => b.id));
  const label = ({ bullet, text, pairs }: BulletEffect) =>
    html`${said(text, 160)}
      <span class="muted"
        >${numbers.counted(pairs, 'query', 'queries')}${kept.has(bullet) ? null : '; dropped'}</span
      >`;
  return html`<div>
    <h3>What each line does</h3>
    ${intervalChart(
      rows.map((effect) => ({
        label: label(effect),
        difference: effect.effect,
        interval: effect.interval,
        counts: effect.pairs > 1,
      })),
      numbers,
    )}${left}
    <p class="muted small">
      The mean reward with the line less that without it, on the queries for selection.
    </p>
  </div>`;
}

function lineageSection(told: Told): Section {
  const { path, run } = told;
  const { rows, left } = bounded(path.slice(1), 'steps');
  return {
    id: 'lineage',
    title: 'From start to found',
    note: html`Each prompt was made from the one before it.
    ${
      run.candidates.length - 1 > rows.length
        ? 'The tree has all that were tried; the thick line is the way to the found one.'
        : null
    }`,
    body: html`
      ${treeChart(
        run,
        path.map((c) => c.id),
      )}
      <ol class="steps">
        ${rows.map((candidate, i) => step(told, candidate, path[i] ?? candidate))}
      </ol>
      ${left}
    `,
  };
}

function step(told: Told, candidate: Candidate, parent: Candidate): Markup {
  const { numbers } = told;
  const last = candidate.ranks.at(-1);
  const score =
    last?.aggregate === null || last?.aggregate === undefined
      ? null
      : html`<span class="muted">ranked by ${numbers.score(last.aggregate)}</span>`;
  return html`<li>
    <p class="head">
      <strong>${clip(candidateName(candidate.id), most.name)}</strong>
      <span class="muted">${levelName(candidate.level)}</span> ${score}
    </p>
    <p class="muted small">${reasonWords(told, candidate, parent)}</p>
    ${
      samePrompt(parent.prompt, candidate.prompt)
        ? html`<p class="muted small">It says the same as the one before.</p>`
        : changes(parent.prompt, candidate.prompt)
    }
  </li>`;
}

/** Why a prompt was made. */
function reasonWords({ query }: Told, candidate: Candidate, parent: Candidate): Piece {
  if (candidate.crossed) return 'Made of lines that had done well in other prompts.';
  if (candidate.query === null) return 'What is left when the lines that did nothing are dropped.';
  const criterion = candidate.prompt.bullets
    .filter((bullet) => isNew(bullet, parent.prompt))
    .flatMap(({ origin }) => (origin.type === 'proposal' ? (origin.criterion ?? []) : []))[0];
  const weak = criterion === undefined ? null : html`, weakest in ${said(criterion, most.name)}`;
  return html`Called for by the answer to “${said(query(candidate.query), most.query)}”${weak}.`;
}

function isNew(bullet: Bullet, parent: Prompt): boolean {
  return parent.bullets.every((b) => b.id !== bullet.id);
}

const signs: Readonly<Record<LineChange['type'], readonly [sign: string, words: string]>> = {
  same: ['', 'Unchanged'],
  added: ['+', 'Added'],
  removed: ['−', 'Removed'],
  changed: ['~', 'Changed'],
};

/** What came and went between two prompts, line by line. */
function changes(before: Prompt, after: Prompt): Markup {
  const { opening, bullets } = promptChange(shortened(before), shortened(after));
  const changed = [opening, ...bullets].filter((l) => l.type !== 'same');
  const same = bullets.length - bullets.filter((l) => l.type !== 'same').length;
  const { rows, left } = bounded(changed, 'changes');
  return html`<ul class="changes">
      ${rows.map(
        (line) =>
          html`<li class="${line.type}">
            <span class="sign" aria-hidden="true">${signs[line.type][0]}</span>
            <p><span class="hidden">${signs[line.type][1]}: </span>${wordsOf(line)}</p>
          </li>`,
      )}
    </ul>
    ${left}${
      same > 0
        ? html`<p class="muted small">
            ${same === 1 ? 'One line is unchanged.' : `${same} lines are unchanged.`}
          </p>`
        : null
    }`;
}

/** A prompt no longer than the report shows of one: what is compared word by word must have a bound. */
function shortened(prompt: Prompt): Prompt {
  return {
    ...prompt,
    opening: clip(prompt.opening, most.line),
    bullets: prompt.bullets
      .slice(0, most.rows)
      .map((bullet) => ({ ...bullet, text: clip(bullet.text, most.line) })),
  };
}

function wordsOf({ words }: LineChange): Markup {
  const pieces = words.map(({ type, text }) => {
    switch (type) {
      case 'added':
        return html`<ins>${text}</ins>`;
      case 'removed':
        return html`<del>${text}</del>`;
      case 'same':
        return text;
    }
  });
  return html`<bdi class="said">${pieces}</bdi>`;
}

function examplesSection(told: Told): readonly Section[] {
  const { run, record, numbers } = told;
  const shown = record.settings.examples.count;
  if (shown === 0 || record.data.examples.length === 0) return [];
  const { rows, left } = bounded(foundExamples(run, record.data.examples), 'examples');
  const states = new Map(run.examples.map((e) => [e.id, e]));
  const cards = rows.map((example) => {
    const state = states.get(example.id);
    const round = state?.kept?.round ?? 0;
    const rewardIn = (n: number) => state?.rounds.find((r) => r.round === n)?.reward ?? null;
    const scores =
      rewardIn(round) === null
        ? null
        : html`, rated
          ${round > 0 ? `${numbers.score(rewardIn(0))} → ` : null}${numbers.score(rewardIn(round))}`;
    return html`<li class="example">
      <p class="query">${said(example.query, most.query)}</p>
      <p>${said(example.answer, most.answer)}</p>
      <p class="muted small">${round > 0 ? 'Answer rewritten' : 'Answer as it came'}${scores}</p>
    </li>`;
  });
  return [
    {
      id: 'examples',
      title: 'Its examples',
      note: shownWords(record.settings.examples, numbers),
      body: html`<ul class="examples">
          ${cards}
        </ul>
        ${left}`,
    },
  ];
}

function shownWords({ count, retrieval }: ExampleSettings, { whole }: Numbers): string {
  const [stand, which] = count === 1 ? ['stands', 'one'] : ['stand', whole(count)];
  const how = retrieval === 'nearest' ? 'most like it' : 'drawn at random';
  return `Before each query ${stand} the ${which} of these ${how}.`;
}
