import type { RoleCost } from '../../core/journal-entry.ts';
import { roles, type LlmInfo, type Role } from '../../core/llm.ts';
import type { ModelSource } from '../../core/run-record.ts';
import type { Settings } from '../../core/settings.ts';
import { numbersIn } from '../../view/numbers.ts';
import type { Told } from './content.ts';
import { clip, html, said, type Markup, type Piece } from './html.ts';
import { bounded, facts, most, table, type Section } from './parts.ts';
import { settingGroups } from './settings-words.ts';

/** What went into the run and what it cost. */
export function setupSections(told: Told): readonly Section[] {
  return [...costSections(told), modelSection(told), dataSection(told), settingsSection(told)];
}

const roleNames: Readonly<Record<Role, string>> = {
  base: 'Base: answers',
  evaluator: 'Evaluator: judges',
  optimizer: 'Optimizer: rewrites',
};

const nothing: RoleCost = { requests: 0, promptTokens: 0, outputTokens: 0, elapsedMs: 0 };

/** What all roles have cost together. */
export function totalCost(cost: Told['cost']): RoleCost {
  return roles.reduce((sum, role) => {
    const one = cost[role] ?? nothing;
    return {
      requests: sum.requests + one.requests,
      promptTokens: sum.promptTokens + one.promptTokens,
      outputTokens: sum.outputTokens + one.outputTokens,
      elapsedMs: sum.elapsedMs + one.elapsedMs,
    };
  }, nothing);
}

function costSections({ cost, numbers }: Told): readonly Section[] {
  const used = roles.flatMap((role) => {
    const spent = cost[role];
    return spent ? [{ role, spent }] : [];
  });
  if (used.length === 0) return [];
  const cells = (name: string, spent: RoleCost) => [
    name,
    numbers.whole(spent.requests),
    numbers.whole(spent.promptTokens),
    numbers.whole(spent.outputTokens),
    numbers.duration(spent.elapsedMs),
  ];
  return [
    {
      id: 'cost',
      title: 'What it cost',
      note: 'Each reply counts once. Time is that of the models; a pause is none. Tokens are pieces of words: reading is quick, writing is slow.',
      body: table(
        'Cost by role',
        [
          { head: 'Role' },
          { head: 'Requests', number: true },
          { head: 'Tokens read', number: true },
          { head: 'Tokens written', number: true },
          { head: 'Time', number: true },
        ],
        [
          ...used.map(({ role, spent }) => ({ cells: cells(roleNames[role], spent) })),
          { strong: true, cells: cells('Together', totalCost(cost)) },
        ],
      ),
    },
  ];
}

function modelSection(told: Told): Section {
  const { record, run } = told;
  const one = roles.every((role) => sameModel(record.models[role], record.models.base));
  return {
    id: 'models',
    title: one ? 'The model' : 'The models',
    note: one
      ? 'One model in all three roles: it answers, judges its answers, and rewrites its prompts.'
      : 'One for each role: answering, judging and rewriting.',
    body: html`${(one ? (['base'] as const) : roles).map((role) => modelCard(told, role, one))}
    ${
      run.contextSizes
        ? html`<p class="muted small">
            Memory did not suffice for the whole of it: the run went on with contexts of
            ${roles.map((role) => String(run.contextSizes?.[role] ?? '')).join(', ')} tokens (base,
            evaluator, optimizer).
          </p>`
        : null
    }`,
  };
}

function sameModel(a: LlmInfo, b: LlmInfo): boolean {
  return (
    a.engine === b.engine &&
    a.id === b.id &&
    a.revision === b.revision &&
    a.contextSize === b.contextSize
  );
}

function modelCard({ record, numbers }: Told, role: Role, one: boolean): Markup {
  const model = record.models[role];
  const notes = (model.notes ?? []).slice(0, most.rows);
  return html`<div class="card model">
    <h3>
      ${said(model.name, most.name)}${one ? null : html` <span class="muted">${roleNames[role]}</span>`}
    </h3>
    ${facts([
      ['Engine', said(model.engine, most.name)],
      ['Id', said(model.id, most.name)],
      ['Source', said(sourceWords(record.modelSources[role], model), most.query)],
      [revisionName(model.revision), html`<code>${clip(model.revision, most.name)}</code>`],
      ['Context', `${numbers.whole(model.contextSize)} tokens`],
      ['Prompts as', model.form === 'chat' ? 'chat turns' : 'plain text'],
    ])}
    ${notes.map((note) => html`<p class="muted small">${said(note, most.query)}</p>`)}
  </div>`;
}

function revisionName(revision: string): string {
  return /^[0-9a-f]{64}$/i.test(revision) ? 'SHA-256 of the file' : 'Revision';
}

function sourceWords(source: ModelSource, { revision }: LlmInfo): string {
  switch (source.type) {
    case 'gguf-file':
      return source.sha256 === revision
        ? `the file ${source.name}`
        : `the file ${source.name}, SHA-256 ${source.sha256}`;
    case 'gguf-url':
      return publicUrl(source.url);
    case 'built-in':
      return 'comes with the app';
    case 'web-llm':
      return `web-llm’s list, ${source.id}`;
    case 'mlc':
      return `${publicUrl(source.url)} on the library of ${source.library}`;
    case 'endpoint':
      return `${source.model} on a server at ${publicUrl(source.url)}`;
  }
}

/** An address without what may be secret in it: a name, a password, a query. */
function publicUrl(url: string): string {
  if (!URL.canParse(url)) return 'an address that cannot be read';
  const { origin, pathname } = new URL(url);
  return origin === 'null' ? 'a local address' : `${origin}${pathname}`;
}

function dataSection({ record, numbers }: Told): Section {
  const { train, select, test, examples } = record.data;
  const { rows, left } = bounded(record.criteria, 'criteria');
  return {
    id: 'data',
    title: 'Queries and criteria',
    note: 'Queries for training, selection and the verdict are never the same. The run file has them all.',
    body: html`${facts([
        ['To search with', numbers.counted(train.length, 'query', 'queries')],
        ['To choose the best by', numbers.counted(select.length, 'query', 'queries')],
        ['For the verdict', numbers.counted(test.length, 'query', 'queries')],
        ['Examples', numbers.whole(examples.length)],
      ])}
      <h3>Criteria the judge chose from</h3>
      <dl class="criteria">
        ${rows.map(
          (c) =>
            html`<div>
              <dt>${said(c.name, most.name)}</dt>
              <dd>${said(c.definition, most.definition)}</dd>
            </div>`,
        )}
      </dl>
      ${left}`,
  };
}

const presetNames: Readonly<Record<Settings['preset'], string>> = {
  demo: 'Demo',
  quick: 'Quick',
  standard: 'Standard',
  paper: 'Paper',
  custom: 'Custom',
};

function settingsSection({ record, numbers }: Told): Section {
  const groups = settingGroups(record.settings, numbers);
  return {
    id: 'settings',
    title: 'Settings',
    note: `Preset: ${presetNames[record.settings.preset]}.`,
    body: html`<div class="groups">
      ${groups.map(
        ({ title, rows }) =>
          html`<div class="group">
            <h3>${title}</h3>
            ${facts(rows.map(([name, value]) => [name, clip(value, most.query)]))}
          </div>`,
      )}
    </div>`,
  };
}

/** How a reader can convince themselves. */
export function checkSection({ record, run, cost, app, written, date }: Told): Section {
  // Ids and counts are for comparing letter by letter, in no one's locale.
  const { whole } = numbersIn('en');
  const steps: readonly Piece[] = [
    html`Ask for the run file of “${said(record.name, most.name)}”. It holds every request and reply
    of the models; this report is only a summary of it.`,
    html`Open it in ${app.name} under Runs, then its result, and press “Check this run”. The app
    runs the search again from the kept replies, without a model, and compares every step.`,
    html`Compare its id and the number of its replies with those below. With the same model,
    settings and seed the run can also be made anew.`,
  ];
  return {
    id: 'check',
    title: 'How to check this run',
    note: 'Nothing here has to be believed.',
    body: html`<ol class="numbered">
        ${steps.map((step) => html`<li>${step}</li>`)}
      </ol>
      ${facts([
        ['Run', html`<code>${clip(record.id, most.name)}</code>`],
        ['Replies kept', whole(totalCost(cost).requests)],
        ['Prompts tried', whole(run.candidates.length)],
        ['Seed', String(record.settings.seed)],
        ['Begun', date(record.created)],
        ['Last changed', date(record.updated)],
        ['Report written', `${date(written)}, ${app.name} ${app.version}`],
      ])}`,
  };
}
