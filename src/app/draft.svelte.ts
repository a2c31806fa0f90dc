import { roles } from '../core/llm.ts';
import type { Criterion } from '../core/criteria.ts';
import type { PocketWorld } from '../data/pocket.ts';
import { DrpoError } from '../core/errors.ts';
import {
  expectedMs,
  expectedRequests,
  expectedTotalMs,
  totalRequests,
  type DataSizes,
} from '../core/estimate.ts';
import type { Example } from '../core/events.ts';
import type { LlmInfo, Role } from '../core/llm.ts';
import { planQueries, splitOwn, type Splits } from '../core/plan.ts';
import { parsePrompt, promptText, type Prompt } from '../core/prompt.ts';
import { plainStart, presets, type PresetName, type Settings } from '../core/settings.ts';
import type { EndpointModel, MlcWeights, RunRecord } from '../core/run-record.ts';
import { newRunId } from '../store/runs.ts';
import { displayName, modelKey } from './model-key.ts';
import { sourceOf, type Models } from './models.svelte.ts';
import {
  beginningOf,
  firstModel,
  picked,
  worldOf,
  type Beginning,
  type OurData,
  type Whose,
} from './our-data.ts';
import type { Shelf } from './shelf.ts';

/** Where a model comes from, as a person chose it. `kept`: its file is in this browser. */
export type ChosenModel =
  | {
      readonly type: 'gguf-file';
      readonly name: string;
      readonly sha256: string;
      readonly sizeMb: number;
      readonly kept: boolean;
    }
  | { readonly type: 'gguf-url'; readonly url: string }
  | { readonly type: 'built-in'; readonly id: string }
  | { readonly type: 'web-llm'; readonly id: string }
  | MlcWeights
  | EndpointModel;

export interface OwnQueries {
  readonly name: string;
  readonly queries: readonly string[];
  readonly columns: readonly string[];
  readonly column: string | null;
  readonly skipped: number;
}

export interface OwnExamples {
  readonly name: string;
  readonly count: number;
  readonly skipped: number;
}

export interface CriterionChoice extends Criterion {
  readonly on: boolean;
  readonly own: boolean;
}

/** What a run will cost, about. `minutes` is known once the model has been measured. */
export interface Estimate {
  readonly requests: number;
  readonly answers: number;
  readonly minutes: number | null;
}

interface RoleModels {
  readonly base: ChosenModel | null;
  readonly evaluator: ChosenModel | null;
  readonly optimizer: ChosenModel | null;
}

/** What is kept of a draft between visits. Bump `version` when its shape changes: an older one is then left aside. */
interface Kept {
  readonly version: 1;
  readonly name: string;
  readonly models: RoleModels;
  readonly settings: Settings;
  readonly prompt: Prompt;
  readonly criteria: readonly CriterionChoice[];
  readonly ownQueries: OwnQueries | null;
  readonly ownKinds: readonly string[];
  readonly ownExamples: OwnExamples | null;
  readonly examples: readonly Example[];
  /** Absent in drafts from before there was a built-in model. */
  readonly usual?: Usual;
  readonly leftOut?: readonly string[];
}

/** Where a person wants the app's usual data though the built-in model does not know them. */
interface Usual {
  readonly queries: boolean;
  readonly examples: boolean;
}

const fewestCriteria = 2;
const maxPromptChars = 8_000;

/** What a person is setting up on the Start place; kept in the browser as they go. */
export class Draft {
  name = $state('');
  models = $state.raw<RoleModels>({ base: null, evaluator: null, optimizer: null });
  settings = $state.raw<Settings>(presets.quick);
  prompt = $state.raw<Prompt>(parsePrompt(plainStart));
  criteria = $state.raw<readonly CriterionChoice[]>([]);
  /** Null: the app's own data. */
  ownQueries = $state.raw<OwnQueries | null>(null);
  ownExamples = $state.raw<OwnExamples | null>(null);
  /** Ids of the built-in model's own queries that a person has left out. */
  leftOut = $state.raw<ReadonlySet<string>>(new Set());

  readonly #shelf: Shelf;
  readonly #ours: OurData;
  readonly #models: Models;
  #ownExampleList = $state.raw<readonly Example[]>([]);
  #usual = $state.raw<Usual>({ queries: false, examples: false });
  #ownKinds: readonly string[] = [];
  /** What was typed last as the prompt was too long to be taken. */
  #promptRefused = $state(false);

  /** What the model that answers knows, if it is the built-in one; null for any other. */
  readonly world: PocketWorld | null = $derived.by(() => worldOf(this.models.base, this.#ours));
  readonly queriesFrom: Whose = $derived(
    this.ownQueries ? 'own' : this.world && !this.#usual.queries ? 'world' : 'ours',
  );
  readonly examplesFrom: Whose = $derived(
    this.ownExamples ? 'own' : this.world && !this.#usual.examples ? 'world' : 'ours',
  );

  /** The queries that the app brings for this run, where a person brings none. */
  readonly #ourQueries: Splits = $derived.by(() =>
    this.world && !this.#usual.queries
      ? picked(this.world.queries, this.leftOut)
      : this.#ours.queries,
  );

  readonly #ourExamples: readonly Example[] = $derived.by(() =>
    this.world && !this.#usual.examples ? this.world.examples : this.#ours.examples,
  );

  readonly #examples: readonly Example[] = $derived(
    this.ownExamples ? this.#ownExampleList : this.#ourExamples,
  );

  /** How many queries of each purpose, and how many examples, the app brings for this run. */
  readonly ourCounts: DataSizes = $derived({
    train: this.#ourQueries.train.length,
    select: this.#ourQueries.select.length,
    test: this.#ourQueries.test.length,
    examples: this.#ourExamples.length,
  });

  readonly #sizes: DataSizes = $derived.by(() => {
    const { train, select, test } = this.#sizesOfQueries();
    return { train, select, test, examples: this.#examples.length };
  });

  readonly estimate: Estimate = $derived.by(() => {
    const counts = expectedRequests(this.settings, this.#sizes);
    const speed = this.#speed();
    const ms = speed && expectedTotalMs(counts, expectedMs(this.settings, speed));
    const { base } = this.models;
    const atOnce = base?.type === 'endpoint' ? base.concurrency : 1;
    return {
      requests: totalRequests(counts),
      answers: counts.answer,
      minutes: ms === null ? null : Math.max(1, Math.round(ms / atOnce / 60_000)),
    };
  });

  /** Why Start cannot be pressed yet, in a sentence; null if it can. */
  readonly blocked: string | null = $derived.by(() => {
    if (!this.models.base) return 'Choose a model first.';
    if (this.#promptRefused)
      return 'Shorten the starting prompt first: what you typed was not taken.';
    const together = this.#models.whyNotTogether(
      roles.flatMap((role) => this.models[role] ?? []).map(sourceOf),
    );
    if (together) return together.message;
    const on = this.criteria.filter((c) => c.on);
    if (on.length < fewestCriteria) {
      return `Switch on at least ${String(fewestCriteria)} criteria: an answer is judged by several.`;
    }
    const bare = on.find((c) => c.name.trim() === '' || c.definition.trim() === '');
    if (bare) return `Say what “${bare.name}” means, or switch this criterion off.`;
    if (this.#sizes.train === 0) {
      return this.queriesFrom === 'world'
        ? 'Pick at least one question to search with.'
        : 'Bring more queries: there are none left to train on.';
    }
    if (!this.settings.systemPrompt && this.settings.examples.count === 0) {
      return 'Without a system prompt and without examples there is nothing to improve. Switch one of them on.';
    }
    return null;
  });

  constructor(shelf: Shelf, models: Models, ours: OurData) {
    this.#shelf = shelf;
    this.#models = models;
    this.#ours = ours;
    this.criteria = ours.criteria.map((c) => ({ ...c, on: true, own: false }));
  }

  /** Brings back what was set up on the last visit, and keeps what changes from now on. */
  async restore(): Promise<void> {
    const kept = asKept(await this.#shelf.library.get('draft'));
    if (kept) this.#take(kept);
    else this.useModel('base', firstModel);
    const afterReload = asChosen(await this.#shelf.library.get('model-after-reload'));
    if (afterReload) this.useModel('base', afterReload);
    await this.#forgetLostFiles();
    this.#keepChanges();
    if (!afterReload) return;
    // Kept as a choice of the draft first: it must not be lost on the way.
    await this.#keep();
    await this.#shelf.library.delete('model-after-reload');
  }

  /**
   * Gives a role its model; null for the one that answers. What a person has left as it was offered to them becomes what is
   * offered with the new model: its preset and its starting prompt.
   */
  useModel(role: Role, model: ChosenModel | null): void {
    const before = this.#beginning();
    this.models = { ...this.models, [role]: model };
    const now = this.#beginning();
    if (before.preset !== now.preset && this.settings.preset === before.preset) {
      this.usePreset(now.preset);
    }
    const text = promptText(this.prompt);
    if (this.prompt.openingLocked || this.prompt.bullets.some((b) => b.locked)) return;
    if (text === before.start) this.prompt = parsePrompt(now.start);
    else if (text === before.handWritten) this.prompt = parsePrompt(now.handWritten);
  }

  #beginning(): Beginning {
    return beginningOf(this.world, this.#ours);
  }

  usePreset(name: PresetName): void {
    this.settings = { ...presets[name], seed: this.settings.seed };
    // The paper starts from one fixed prompt; a prompt of one's own stays.
    if (name === 'paper' && promptText(this.prompt) === '') {
      this.prompt = parsePrompt(this.#beginning().start);
    }
  }

  /** Takes a prompt as text. Lines that stay the same keep their lock. Throws `settings-invalid` for one that is too long. */
  setPromptText(text: string): void {
    this.#promptRefused = text.length > maxPromptChars;
    checkLength(text);
    // A line break that is typed after a line is not a change of it.
    const locked = new Set(this.prompt.bullets.filter((b) => b.locked).map((b) => b.text.trim()));
    const next = parsePrompt(text);
    const sameOpening = next.opening.trim() === this.prompt.opening.trim();
    this.prompt = {
      opening: next.opening,
      openingLocked: this.prompt.openingLocked && sameOpening,
      bullets: next.bullets.map((b) => ({ ...b, locked: locked.has(b.text.trim()) })),
    };
  }

  setBulletLocked(id: string, locked: boolean): void {
    const bullets = this.prompt.bullets.map((b) => (b.id === id ? { ...b, locked } : b));
    this.prompt = { ...this.prompt, bullets };
  }

  setOpeningLocked(locked: boolean): void {
    this.prompt = { ...this.prompt, openingLocked: locked };
  }

  setCriterion(index: number, criterion: CriterionChoice): void {
    const same = this.criteria.findIndex(
      (c) => c.name.trim().toLowerCase() === criterion.name.trim().toLowerCase(),
    );
    if (same >= 0 && same !== index) {
      throw new DrpoError(
        'settings-invalid',
        `There is already a criterion called “${criterion.name}”. Give this one another name.`,
      );
    }
    this.criteria = this.criteria.with(index, criterion);
  }

  addCriterion(): void {
    const names = new Set(this.criteria.map((c) => c.name));
    let number = 1;
    while (names.has(`My criterion ${String(number)}`)) number++;
    const name = `My criterion ${String(number)}`;
    this.criteria = [
      ...this.criteria,
      { name, definition: '', low: '', high: '', on: true, own: true },
    ];
  }

  removeCriterion(index: number): void {
    this.criteria = this.criteria.filter((_, i) => i !== index);
  }

  /** Reads a person's queries, from a likely column or a named one. Rejects with a DrpoError; nothing is lost then. */
  async readQueries(file: File, column?: string): Promise<void> {
    const { readQueries } = await import('../formats/data-set.ts');
    const read = readQueries(await textOf(file), file.name, column === undefined ? {} : { column });
    // Too few for three sets is told now, not when Start is pressed.
    splitOwn(read.queries, this.settings);
    this.#ownKinds = read.queries.map((q) => q.kind);
    this.ownQueries = {
      name: file.name,
      queries: read.queries.map((q) => q.text),
      columns: read.columns,
      column: read.column,
      skipped: read.skipped,
    };
  }

  async readExamples(file: File): Promise<void> {
    const { readExamples } = await import('../formats/data-set.ts');
    const { examples, skipped } = readExamples(await textOf(file), file.name);
    this.#ownExampleList = withIds(examples);
    this.ownExamples = { name: file.name, count: examples.length, skipped };
  }

  /** Gives up a person's own queries for the app's: `world`, what the built-in model knows, where that is chosen. */
  useQueries(from: 'world' | 'ours'): void {
    this.#ownKinds = [];
    this.ownQueries = null;
    this.#usual = { ...this.#usual, queries: this.world !== null && from === 'ours' };
  }

  /** As `useQueries`. */
  useExamples(from: 'world' | 'ours'): void {
    this.#ownExampleList = [];
    this.ownExamples = null;
    this.#usual = { ...this.#usual, examples: this.world !== null && from === 'ours' };
  }

  /** Takes queries of the built-in model's world into the run, or leaves them out. */
  pick(ids: readonly string[], taken: boolean): void {
    const leftOut = new Set(this.leftOut);
    for (const id of ids) {
      if (taken) leftOut.delete(id);
      else leftOut.add(id);
    }
    this.leftOut = leftOut;
  }

  /** Starts from a shared prompt file: its prompt and its examples. Rejects with a DrpoError. */
  async readPromptFile(file: File): Promise<void> {
    const { readPromptFile } = await import('../formats/prompt-file.ts');
    const { prompt, examples } = readPromptFile(await textOf(file));
    checkLength(promptText(prompt));
    this.#promptRefused = false;
    // It starts a tree of its own: the ids and origins of the run it comes from would point to prompts that are not there.
    const bullets = prompt.bullets.map((bullet, i) => ({
      ...bullet,
      id: `start.${String(i)}`,
      origin: { type: 'start' } as const,
    }));
    this.prompt = { ...prompt, bullets };
    if (examples.length === 0) return;
    this.#ownExampleList = withIds(examples);
    this.ownExamples = { name: file.name, count: examples.length, skipped: 0 };
  }

  /** The run that this draft describes. Throws `settings-invalid` while it is blocked. */
  makeRun(): RunRecord {
    const { base } = this.models;
    if (this.blocked !== null || !base) {
      throw new DrpoError('settings-invalid', this.blocked ?? 'Choose a model first.');
    }
    const chosen = {
      base,
      evaluator: this.models.evaluator ?? base,
      optimizer: this.models.optimizer ?? base,
    };
    const now = new Date().toISOString();
    return {
      id: newRunId(),
      name: this.name.trim() || `${displayName(base)}, ${this.settings.preset}`,
      created: now,
      updated: now,
      status: 'running',
      settings: this.settings,
      models: perRole((role) => unloaded(chosen[role])),
      modelSources: perRole((role) => sourceOf(chosen[role])),
      criteria: this.criteria
        .filter((c) => c.on)
        .map(({ name, definition, low, high }) => ({
          ...{ name, definition, low, high },
          ...this.#secondWording(definition),
        })),
      ...((this.settings.evaluation.checkRequests ?? 0) > 0 && { planted: this.#ours.planted }),
      data: { ...this.#queries(), examples: this.#examples },
      startingPrompt: this.prompt,
      handWritten: this.#beginning().handWritten,
      summary: { verdict: null, candidates: 0, requests: 0, best: null, steps: 0 },
    };
  }

  /** Our second wording of a definition, as long as it is ours. */
  #secondWording(definition: string): { readonly reworded?: string } {
    const reworded = this.#ours.criteria.find((c) => c.definition === definition)?.reworded;
    return reworded === undefined ? {} : { reworded };
  }

  #queries(): Splits {
    const { ownQueries } = this;
    if (!ownQueries) return planQueries(this.#ourQueries, this.settings);
    const texts = ownQueries.queries.map((text, i) => ({ text, kind: this.#ownKinds[i] ?? '' }));
    return splitOwn(texts, this.settings);
  }

  #sizesOfQueries() {
    try {
      const { train, select, test } = this.#queries();
      return { train: train.length, select: select.length, test: test.length };
    } catch {
      return { train: 0, select: 0, test: 0 };
    }
  }

  #speed() {
    const { base } = this.models;
    return base && (this.#models.tried[modelKey(base)] ?? null);
  }

  #take(kept: Kept): void {
    this.name = kept.name;
    this.models = kept.models;
    this.settings = kept.settings;
    this.prompt = kept.prompt;
    this.criteria = kept.criteria;
    this.ownQueries = kept.ownQueries;
    this.#ownKinds = kept.ownKinds;
    this.ownExamples = kept.ownExamples;
    if (kept.ownExamples) this.#ownExampleList = kept.examples;
    if (kept.usual) this.#usual = kept.usual;
    this.leftOut = new Set(kept.leftOut);
  }

  /** A file that was not kept is gone with the tab it was chosen in. */
  async #forgetLostFiles(): Promise<void> {
    for (const role of roles) {
      const model = this.models[role];
      if (model?.type !== 'gguf-file' || (await this.#models.has(model.sha256))) continue;
      this.useModel(role, null);
    }
  }

  #keepChanges(): void {
    let first = true;
    $effect.root(() => {
      $effect(() => {
        const kept = this.#kept();
        if (!first) void this.#keep(kept);
        first = false;
      });
    });
  }

  #kept(): Kept {
    return {
      version: 1,
      name: this.name,
      models: this.models,
      settings: this.settings,
      prompt: this.prompt,
      criteria: this.criteria,
      ownQueries: this.ownQueries,
      ownKinds: this.#ownKinds,
      ownExamples: this.ownExamples,
      examples: this.#ownExampleList,
      usual: this.#usual,
      leftOut: [...this.leftOut],
    };
  }

  /** Where storage is full the draft lives as long as the tab. */
  async #keep(kept = this.#kept()): Promise<void> {
    await this.#shelf.library.put('draft', kept).catch(() => undefined);
  }
}

/** A file's text. Throws `data-invalid` where it is not UTF-8: other encodings would be read as other words. */
async function textOf(file: File): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    throw new DrpoError(
      'data-invalid',
      `${file.name} is not plain text in UTF-8. Save it as UTF-8 (most programs offer it under “Save as”), then choose it again.`,
    );
  }
}

function checkLength(text: string): void {
  if (text.length <= maxPromptChars) return;
  throw new DrpoError(
    'settings-invalid',
    `This prompt has ${text.length.toLocaleString()} characters; a small model's context holds at most ${maxPromptChars.toLocaleString()}. Shorten it.`,
  );
}

function withIds(examples: readonly Omit<Example, 'id'>[]): readonly Example[] {
  const digits = String(examples.length).length;
  return examples.map(({ query, answer }, i) => ({
    id: `own-example-${String(i + 1).padStart(digits, '0')}`,
    query,
    answer,
  }));
}

function perRole<T>(of: (role: Role) => T): Record<Role, T> {
  return { base: of('base'), evaluator: of('evaluator'), optimizer: of('optimizer') };
}

/** What is known of a model before it is loaded; the run's record is completed then. */
function unloaded(model: ChosenModel): LlmInfo {
  return {
    engine: engineFor(model),
    id: model.type === 'web-llm' ? model.id : displayName(model),
    revision: model.type === 'gguf-file' ? model.sha256 : '',
    contextSize: 0,
    name: displayName(model),
    form: 'text',
    canEmbed: false,
    concurrency: 1,
  };
}

function engineFor({ type }: ChosenModel): string {
  switch (type) {
    case 'gguf-file':
    case 'gguf-url':
    case 'built-in':
      return 'wllama';
    case 'web-llm':
    case 'mlc':
      return 'web-llm';
    case 'endpoint':
      return 'endpoint';
  }
}

// Only this app writes the draft; a version that it does not know is left aside.
function asKept(value: unknown): Kept | null {
  const kept = value as Partial<Kept> | undefined;
  return kept?.version === 1 ? (kept as Kept) : null;
}

function asChosen(value: unknown): ChosenModel | null {
  const model = value as Partial<ChosenModel> | undefined;
  return model?.type === 'gguf-url' ? (model as ChosenModel) : null;
}
