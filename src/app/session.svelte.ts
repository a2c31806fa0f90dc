import { DrpoError, errorCodes, isAbort } from '../core/errors.ts';
import { expectedMs, expectedRequests, totalRequests, type Speed } from '../core/estimate.ts';
import type { Example, SearchEvent } from '../core/events.ts';
import type { JournalEntry, RoleCost } from '../core/journal-entry.ts';
import { replyRoom, roles, type Cut, type Llm, type Role } from '../core/llm.ts';
import type { Prompt } from '../core/prompt.ts';
import { emptyRun, fold, foldAll, type Run } from '../core/run.ts';
import type { Writing } from '../core/world.ts';
import type { LoadProgress } from '../llm/open.ts';
import { isMendable } from '../llm/mendable.ts';
import { eventLog } from '../store/event-log.ts';
import { journalStore } from '../store/journal-store.ts';
import { announce, driveLock, watchRun, type Release } from '../store/locks.ts';
import type { RunRecord } from '../core/run-record.ts';
import { createRun, getRun, getRunContent, patchRun } from '../store/runs.ts';
import { steerLog } from '../store/steer-log.ts';
import type { RunCheck } from './check-run.ts';
import {
  contextsIn,
  halvedContexts,
  infosAsBegun,
  withContexts,
  type ContextSizes,
} from './contexts.ts';
import type { Engines } from './engines.ts';
import { FileWanted } from './file-wanted.ts';
import { Meter, type Pace } from './meter.ts';
import type { Models } from './models.svelte.ts';
import type { Shelf } from './shelf.ts';
import { Tally } from './tally.ts';

export type { Writing } from '../core/world.ts';

export type SessionStatus =
  | 'empty'
  | 'loading'
  | 'running'
  | 'pausing'
  | 'paused'
  | 'stopping'
  | 'finished'
  | 'stopped'
  | 'failed'
  | 'watching'
  | 'needs-file';

/** Requests answered, expected in all, and taken from the journal. */
export interface Progress {
  readonly done: number;
  readonly planned: number;
  readonly fromJournal: number;
}

export type LoadState = Pace;
export type RunHead = RunRecord;

/** A file that must be chosen again before the run can go on. */
export interface WantedFile {
  readonly name: string;
  readonly sha256: string;
}

/** How often what is on screen follows the run: a replayed journal has thousands of events a second. */
const showEveryMs = 60;

/** The one reactive object that drives a run, or watches one that another tab drives. */
export class Session {
  status = $state<SessionStatus>('empty');
  head = $state.raw<RunHead | null>(null);
  run = $state.raw<Run>(emptyRun);
  writing = $state.raw<Writing | null>(null);
  progress = $state.raw<Progress>({ done: 0, planned: 0, fromJournal: 0 });
  /** What is left, in milliseconds; null while nothing can be said. */
  etaMs = $state<number | null>(null);
  /** Time that the models have worked on this run. */
  elapsedMs = $state(0);
  cost = $state.raw<Partial<Record<Role, RoleCost>>>({});
  load = $state.raw<LoadState | null>(null);
  /** What went wrong with the engine and is being mended, in a sentence; null while all is well. */
  mending = $state<string | null>(null);
  /** How the browser holds back this tab while it drives a run, in a sentence; null where it does not. */
  heldBack = $state<string | null>(null);
  /** What a person should know of the loaded models, a sentence each. */
  notes = $state.raw<readonly string[]>([]);
  error = $state.raw<Error | null>(null);
  wanted = $state.raw<WantedFile | null>(null);
  /** Whether this run's base model is loaded, so that Result can answer a typed query. */
  canAnswer = $state(false);

  readonly #shelf: Shelf;
  readonly #models: Models;
  #engines: Engines | null = null;
  #abort = new AbortController();
  #driving: Promise<void> | null = null;
  #trials = 0;
  /** The last numbered point that the search has passed, and how many events came before it. */
  #point: { readonly number: number; readonly events: number } | null = null;
  #failedRole: Role | null = null;
  /** Contexts that became smaller on the way; null where they are as the run began. */
  #contexts: ContextSizes | null = null;
  #unwatch: (() => void) | null = null;
  #stopWanted = false;
  #tally = new Tally();
  #speed: Speed | null = null;
  #folded: Run = emptyRun;
  #showTimer: ReturnType<typeof setTimeout> | null = null;
  /** Counts what was asked to be shown, so that a run that was slow to read does not come up over a later one. */
  #shown = 0;

  constructor(shelf: Shelf, models: Models) {
    this.#shelf = shelf;
    this.#models = models;
  }

  /** Its models are at work: they can't make room for others. */
  get busy(): boolean {
    return this.#driving !== null || this.#trials > 0;
  }

  /** Closes its models, as others need the room; they are loaded again when they are wanted. */
  letGo(): void {
    this.#engines?.closeAll();
    this.canAnswer = false;
  }

  /** Stores a new run and sets it going. Resolves once it is stored; loading and driving go on. */
  async start(record: RunRecord): Promise<void> {
    this.#shown++;
    await this.#leave();
    await createRun(this.#shelf.db, record);
    this.#show(record, []);
    this.#begin();
  }

  /** Shows a stored run, and follows it where another tab drives it. Rejects with `run-missing`. */
  async open(id: string): Promise<void> {
    if (this.head?.id === id && this.#driving) return;
    const place = ++this.#shown;
    const record = await getRun(this.#shelf.db, id);
    if (place !== this.#shown) return;
    await this.#leave();
    const events = await eventLog(this.#shelf.db, id).read();
    const entries = await journalStore(this.#shelf.db, id).all();
    const status = await this.#statusOf(record);
    if (place !== this.#shown) return;
    this.#show(record, events);
    for (const entry of entries) this.#tally.add(entry, true);
    this.#showCost();
    this.status = status;
    this.error = status === 'failed' ? storedError(record) : null;
    this.#watch(id);
    // What was done while this was read was announced to nobody here.
    if (status === 'watching') await this.#follow(id, place);
  }

  /** Lets go of the run that is shown, if it is this one: it was deleted. */
  async close(id: string): Promise<void> {
    if (this.head?.id !== id) return;
    this.#shown++;
    await this.#leave();
    this.#clear();
    this.head = null;
    this.status = 'empty';
  }

  /** Halts after what is stored; the request in flight is given up and asked again on resume. */
  async pause(): Promise<void> {
    if (!this.#driving) return;
    this.status = 'pausing';
    this.#abort.abort();
    await this.#driving;
  }

  /** Goes on from what is stored. Resolves at once; a failure shows as `error`. */
  async resume(): Promise<void> {
    if (this.#driving || !this.head) return;
    this.#begin();
    return Promise.resolve();
  }

  /** Asks the run to stop at its next point with the best so far, and sets it going if it is paused. */
  async stop(): Promise<void> {
    if (!this.head) return;
    this.#stopWanted = true;
    if (this.#driving) this.status = 'stopping';
    else await this.resume();
  }

  /** The file that a resumed run wants. Rejects with `model-changed` for another one. */
  async provideFile(file: File): Promise<void> {
    const { wanted } = this;
    if (!wanted) return;
    const added = await this.#models.addFile(file);
    if (added.type !== 'gguf-file' || added.sha256 !== wanted.sha256) {
      throw new DrpoError(
        'model-changed',
        `${file.name} is not the file that this run began with. Choose ${wanted.name} with the checksum ${wanted.sha256.slice(0, 12)}…, or start a new run.`,
      );
    }
    this.wanted = null;
    await this.resume();
  }

  /** The raw request and reply kept under a key. */
  async reply(key: string): Promise<JournalEntry | undefined> {
    return this.head ? journalStore(this.#shelf.db, this.head.id).get(key) : undefined;
  }

  /** Runs the stored run again from its journal alone and compares: no model is asked. */
  async check(): Promise<RunCheck> {
    if (!this.head) throw new Error('no run to check');
    const { checkRun } = await import('./check-run.ts');
    return checkRun(await getRunContent(this.#shelf.db, this.head.id));
  }

  /** Loads this run's base model for trying prompts out. Rejects with a DrpoError that says why it can't. */
  async loadForTrial(): Promise<void> {
    const { head } = this;
    if (!head) return;
    const signal = new AbortController().signal;
    this.#trials++;
    try {
      await (
        await this.#loadEngines()
      ).load(withContexts(head, this.#contexts), 'base', this.#openHooks(signal));
      this.canAnswer = true;
    } catch (error) {
      if (!(error instanceof FileWanted)) throw error;
      throw new DrpoError(
        'model-missing',
        `${error.fileName} is not in this browser. Choose it under Start, then come back to try the prompts out.`,
      );
    } finally {
      this.#trials--;
      this.load = null;
      await this.#models.seat.rest();
    }
  }

  /** One answer under a prompt and examples, outside the run: nothing of it is stored. */
  async tryOut(
    prompt: Prompt | null,
    examples: readonly Example[],
    query: string,
    onText: (text: string) => void,
    signal: AbortSignal,
  ): Promise<{ readonly text: string; readonly cut: boolean; readonly cuts: readonly Cut[] }> {
    const model = this.head && this.#engines?.of(withContexts(this.head, this.#contexts), 'base');
    if (!this.head || !model) throw new DrpoError('model-missing', 'Load the model first.');
    this.#trials++;
    try {
      return await this.#answerUnder(model.llm, { prompt, examples, query }, onText, signal);
    } finally {
      this.#trials--;
      await this.#models.seat.rest();
    }
  }

  async #answerUnder(
    llm: Llm,
    asked: {
      readonly prompt: Prompt | null;
      readonly examples: readonly Example[];
      readonly query: string;
    },
    onText: (text: string) => void,
    signal: AbortSignal,
  ): Promise<{ readonly text: string; readonly cut: boolean; readonly cuts: readonly Cut[] }> {
    if (!this.head) throw new Error('no run to answer for');
    const { profileFor } = await import('../core/profiles/index.ts');
    const { engine, id, revision, contextSize } = llm.info;
    const { content, stop } = profileFor(llm.info).answer(asked);
    const maxTokens = replyRoom(this.head.settings.answerTokens, contextSize);
    const reply = await llm.ask(
      {
        role: 'base',
        purpose: 'answer',
        model: { engine, id, revision, contextSize },
        content,
        output: { type: 'text', maxTokens, stop },
        sampling: { temperature: this.head.settings.temperature.base, topP: 1, seed: 1 },
      },
      { signal, onText },
    );
    if (reply.type !== 'text') throw new Error(`asked for text, got ${reply.type}`);
    return { text: reply.text.trim(), cut: reply.finish === 'length', cuts: reply.cut };
  }

  /** After a rename elsewhere, or another change of the record. */
  async refreshHead(): Promise<void> {
    if (this.head) this.head = await getRun(this.#shelf.db, this.head.id);
  }

  #begin(): void {
    const { head } = this;
    if (!head) return;
    this.#unwatch?.();
    this.#unwatch = null;
    this.error = null;
    this.status = 'loading';
    this.#abort = new AbortController();
    this.#driving = this.#drive(head).then((status) => {
      // Only now can it be resumed: what is shown must not promise that earlier.
      this.#driving = null;
      this.status = status;
      this.#watch(head.id);
      // Another tab may wait for the memory.
      void this.#models.seat.rest();
    });
  }

  /** Drives the run as far as it goes, and returns how it then stands. */
  async #drive(head: RunHead): Promise<SessionStatus> {
    const release = await driveLock(head.id);
    if (!release) {
      this.#stopWanted = false;
      return 'watching';
    }
    let leave = () => {};
    try {
      const { attend } = await import('./while-driving.ts');
      leave = attend((sentence) => {
        this.heldBack = sentence;
      });
      return await this.#driveLocked(head);
    } catch (error) {
      return await this.#halt(head, error);
    } finally {
      this.writing = null;
      this.load = null;
      this.mending = null;
      leave();
      this.heldBack = null;
      await release();
      // Whoever watches may go on from here.
      announce(head.id);
    }
  }

  /** Drives it to its end; where the memory of its models does not suffice, on with a smaller context, by itself. */
  async #driveLocked(head: RunHead): Promise<'finished' | 'stopped'> {
    for (let record = head; ;) {
      this.#point = null;
      this.#failedRole = null;
      this.#contexts = contextsIn(await steerLog(this.#shelf.db, head.id).all());
      try {
        return await this.#driveOnce(record);
      } catch (error) {
        const smaller = this.#smallerContexts(record, error);
        if (!smaller) throw error;
        record = await this.#shrink(record, smaller);
      }
    }
  }

  #smallerContexts(head: RunHead, error: unknown): ContextSizes | null {
    const now = withContexts(this.head ?? head, this.#contexts);
    return isMendable(error) && this.#failedRole ? halvedContexts(now, this.#failedRole) : null;
  }

  async #driveOnce(head: RunHead): Promise<'finished' | 'stopped'> {
    const now = withContexts(head, this.#contexts);
    const together = this.#models.whyNotTogether(Object.values(now.modelSources));
    if (together) throw together;
    const engines = await this.#loadEngines();
    const llms = await engines.open(now, this.#openHooks(this.#abort.signal));
    this.canAnswer = true;
    await this.#tryModels(now);
    this.load = null;
    this.mending = null;
    this.status = this.#stopWanted ? 'stopping' : 'running';
    const record = await this.#patch({ status: 'running', models: infosAsBegun(llms, head) });
    // Another tab may have driven it since it was shown here.
    this.#folded = foldAll(await eventLog(this.#shelf.db, head.id).read());
    // The method itself is loaded when it is first needed, to keep the first page small.
    const { drive } = await import('./run-driver.ts');
    await drive(this.#shelf.db, record, llms, this.#hooks(), this.#abort.signal);
    this.#showNow();
    const status = this.#folded.ended === 'stopped' ? 'stopped' : 'finished';
    await this.#patch({ status, summary: this.#summary() });
    return status;
  }

  /** What is known of each model, else found out now: how fast it is, and whether it writes language at all. */
  async #tryModels(now: RunHead): Promise<void> {
    const doubts = new Set<string>();
    this.load = { phase: 'prepare', doneMb: 0, totalMb: null, mbPerSecond: null, leftMs: null };
    for (const role of roles) {
      const model = this.#engines?.of(now, role);
      const source = now.modelSources[role];
      const tried = await this.#models.speedOf(source, model, this.#abort.signal);
      if (tried) model?.paceTo(tried);
      if (tried?.problem) doubts.add(tried.problem);
      for (const note of model?.llm.info.notes ?? []) doubts.add(note);
      if (role === 'base') this.#speed = tried;
    }
    this.notes = [...doubts];
  }

  /**
   * Takes the run back to the last point that it passed, from where it has smaller contexts: kept like a reply, so that running
   * it again goes the same way. Replies from after that point stay, but their requests come no more.
   */
  async #shrink(head: RunHead, contextSizes: ContextSizes): Promise<RunRecord> {
    this.#engines?.closeAll();
    this.status = 'loading';
    const { db } = this.#shelf;
    const tokens = Math.min(...Object.values(contextSizes));
    this.mending = `The machine could not go on with this model, so it is loaded with a smaller context (${tokens.toLocaleString()} tokens).`;
    if (this.#point) {
      await eventLog(db, head.id).truncate(this.#point.events);
      await steerLog(db, head.id).put(this.#point.number, { type: 'context', contextSizes });
      return this.head ?? head;
    }
    // Nothing depends on a point yet: it begins again as if it had been so from the start.
    await eventLog(db, head.id).truncate(0);
    return this.#patch({ models: withContexts(this.head ?? head, contextSizes).models });
  }

  /** What is left of a run that could not go on: paused by a person, waiting for a file, or failed with its reason kept. */
  async #halt(head: RunHead, error: unknown): Promise<'paused' | 'needs-file' | 'failed'> {
    this.#showNow();
    if (isAbort(error) || error instanceof FileWanted) {
      await this.#note(head, { status: 'paused', summary: this.#summary() });
      if (!(error instanceof FileWanted)) return 'paused';
      this.wanted = { name: error.fileName, sha256: error.sha256 };
      return 'needs-file';
    }
    this.#engines?.closeAll();
    this.canAnswer = false;
    const reason = error instanceof Error ? error : new Error(String(error));
    await this.#note(head, {
      status: 'failed',
      summary: this.#summary(),
      error: asStored(reason),
    });
    this.error = reason;
    return 'failed';
  }

  /** Where storage is full not even how a run stands can be kept; what was stored before still is. */
  async #note({ id }: RunHead, patch: Pick<RunRecord, 'status' | 'summary' | 'error'>) {
    this.head = await patchRun(this.#shelf.db, id, patch).catch(() => this.head);
  }

  #hooks() {
    let replayed = emptyRun;
    return {
      onEvent: (event: SearchEvent, _number: number, known: boolean) => {
        replayed = fold(replayed, event);
        // While known events are replayed, what is stored stays: it is further on.
        if (known) return;
        this.#folded = replayed;
        this.#showSoon();
      },
      onReply: (entry: JournalEntry, fromJournal: boolean) => {
        this.#tally.add(entry, fromJournal);
        if (!fromJournal) this.#showSoon();
      },
      onWriting: (writing: Writing) => {
        this.writing = writing;
      },
      stopWanted: () => this.#stopWanted,
      onPoint: (number: number, events: number) => {
        this.#point = { number, events };
      },
      onFailure: (role: Role) => {
        this.#failedRole ??= role;
      },
    };
  }

  /** What opens models: loaded when it is first needed, to keep the first page small. */
  async #loadEngines(): Promise<Engines> {
    const { Engines } = await import('./engines.ts');
    return (this.#engines ??= new Engines());
  }

  #openHooks(signal: AbortSignal) {
    const meter = new Meter();
    const show = (progress: LoadProgress) => {
      this.load = meter.add(progress, performance.now());
    };
    return {
      ...this.#models.openHooks(this, signal, show),
      onRevive: (error: DrpoError) => {
        this.mending = `${error.message.split('. ')[0] ?? 'The engine failed'}. It is loaded again by itself.`;
      },
    };
  }

  async #patch(patch: Partial<Omit<RunRecord, 'id' | 'updated'>>): Promise<RunRecord> {
    if (!this.head) throw new Error('no run to change');
    const record = await patchRun(this.#shelf.db, this.head.id, patch);
    this.head = record;
    return record;
  }

  #show(record: RunRecord, events: readonly SearchEvent[]): void {
    this.#clear();
    this.head = record;
    this.#folded = foldAll(events);
    this.run = this.#folded;
    this.#contexts = this.#folded.contextSizes;
    this.canAnswer = this.#engines?.of(withContexts(record, this.#contexts), 'base') !== undefined;
    this.#showCost();
  }

  #clear(): void {
    this.run = this.#folded = emptyRun;
    this.#tally = new Tally();
    this.#speed = null;
    this.#stopWanted = false;
    this.progress = { done: 0, planned: 0, fromJournal: 0 };
    this.cost = {};
    this.elapsedMs = 0;
    this.etaMs = null;
    this.error = null;
    this.wanted = null;
    this.writing = null;
    this.canAnswer = false;
  }

  #showSoon(): void {
    this.#showTimer ??= setTimeout(() => this.#showNow(), showEveryMs);
  }

  #showNow(): void {
    if (this.#showTimer !== null) clearTimeout(this.#showTimer);
    this.#showTimer = null;
    this.run = this.#folded;
    this.#showCost();
  }

  #showCost(): void {
    const { head } = this;
    if (!head) return;
    const { train, select, test, examples } = head.data;
    const sizes = {
      train: train.length,
      select: select.length,
      test: test.length,
      examples: examples.length,
    };
    const expected = expectedRequests(head.settings, sizes);
    const done = this.#tally.requests;
    const ended = this.run.ended !== null;
    this.progress = {
      done,
      planned: ended ? done : Math.max(done, totalRequests(expected)),
      fromJournal: this.#tally.fromJournal,
    };
    this.cost = this.#tally.cost;
    this.elapsedMs = this.#tally.elapsedMs;
    const guessed = this.#speed && expectedMs(head.settings, this.#speed);
    this.etaMs = ended ? null : this.#tally.remainingMs(expected, guessed);
  }

  #summary() {
    const run = this.#folded;
    const best = run.levels.flatMap((l) => l.kept?.[0]?.aggregate ?? []);
    return {
      verdict: run.verdict,
      candidates: run.candidates.length,
      requests: this.#tally.requests,
      best: best.length === 0 ? null : Math.max(...best),
      steps: run.levels.length,
    };
  }

  async #statusOf(record: RunRecord): Promise<SessionStatus> {
    if (record.status !== 'running') return record.status;
    const release: Release | null = await driveLock(record.id);
    if (!release) return 'watching';
    // Nobody drives it: its tab was closed or died.
    await release();
    return 'paused';
  }

  #watch(id: string): void {
    const place = this.#shown;
    this.#unwatch?.();
    this.#unwatch = watchRun(id, () => {
      // What can't be read now is read at the next change.
      void this.#follow(id, place).catch(() => undefined);
    });
  }

  async #follow(id: string, place: number): Promise<void> {
    const record = await getRun(this.#shelf.db, id);
    const events = await eventLog(this.#shelf.db, id).read();
    const replies = await journalStore(this.#shelf.db, id).keys();
    const status = await this.#statusOf(record);
    if (place !== this.#shown || this.#driving) return;
    if (status !== 'watching') return this.open(id);
    this.status = status;
    this.error = null;
    this.head = record;
    this.run = this.#folded = foldAll(events);
    const planned = Math.max(replies.size, this.progress.planned);
    this.progress = { ...this.progress, done: replies.size, planned };
  }

  async #leave(): Promise<void> {
    await this.pause();
    this.#unwatch?.();
    this.#unwatch = null;
  }
}

function asStored(error: Error): { readonly code?: string; readonly message: string } {
  return error instanceof DrpoError
    ? { code: error.code, message: error.message }
    : { message: error.message };
}

function storedError({ error }: RunRecord): Error {
  const message = error?.message ?? 'The run failed. Resume it to try again.';
  const code = errorCodes.find((known) => known === error?.code);
  return code ? new DrpoError(code, message) : new Error(message);
}
