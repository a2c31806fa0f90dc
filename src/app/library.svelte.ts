import { DrpoError } from '../core/errors.ts';
import type { RunFileContent } from '../formats/run-file.ts';
import { countReplies } from '../store/journal-store.ts';
import type { RunRecord } from '../core/run-record.ts';
import { deleteRun, getRunContent, importRun, listRuns, patchRun } from '../store/runs.ts';
import type { SessionStatus } from './session.svelte.ts';
import type { Shelf } from './shelf.ts';

/** A run as the list shows it. Moments are ISO texts; `difference` is the found prompt's lead over the start. */
export interface RunRow {
  readonly id: string;
  readonly name: string;
  readonly created: string;
  readonly updated: string;
  readonly status: SessionStatus;
  readonly modelName: string;
  readonly preset: string;
  readonly requests: number;
  readonly outcome: 'better' | 'no-difference' | 'worse' | null;
  readonly difference: number | null;
}

/** A file's text under the name it should be saved as. */
export interface ExportedFile {
  readonly name: string;
  readonly text: string;
}

/** What a run file holds, before it is kept. */
export interface RunPreview {
  readonly name: string;
  readonly created: string;
  readonly modelName: string;
  readonly requests: number;
  /** Stores the run, all or nothing, and returns its id. */
  readonly keep: () => Promise<string>;
}

/** Larger files are refused before they are read into memory. */
const maxFileBytes = 400_000_000;

/** The runs kept in this browser. */
export class Library {
  runs = $state.raw<readonly RunRow[]>([]);
  loaded = $state(false);

  readonly #shelf: Shelf;
  readonly #version: string;

  constructor(shelf: Shelf, version: string) {
    this.#shelf = shelf;
    this.#version = version;
  }

  /** Reads the list again. */
  async refresh(): Promise<void> {
    const driven = await drivenRuns();
    const { db } = this.#shelf;
    // Counted rather than remembered: a run whose tab died had no time to note how far it came.
    this.runs = await Promise.all(
      (await listRuns(db)).map(async (record) =>
        rowOf(record, driven, await countReplies(db, record.id)),
      ),
    );
    this.loaded = true;
  }

  /** Rejects with `settings-invalid` for an empty name, which leaves the old one. */
  async rename(id: string, name: string): Promise<void> {
    const trimmed = name.trim().slice(0, 120);
    if (trimmed === '') {
      throw new DrpoError('settings-invalid', 'A run needs a name. The old one was kept.');
    }
    await patchRun(this.#shelf.db, id, { name: trimmed });
    await this.refresh();
  }

  /** Removes a run with its replies. Rejects with `run-busy` while a tab drives it. */
  async remove(id: string): Promise<void> {
    await deleteRun(this.#shelf.db, id);
    await this.refresh();
  }

  /** Reads a run file without keeping it, for the person to confirm. Rejects with a DrpoError that says what is wrong with it. */
  async preview(file: File): Promise<RunPreview> {
    if (file.size > maxFileBytes) {
      throw new DrpoError(
        'file-too-large',
        `${file.name} has ${String(Math.round(file.size / 1e6))} MB; a run file has at most ${String(maxFileBytes / 1e6)}. Choose another file.`,
      );
    }
    const { readRunFile } = await import('../formats/run-file.ts');
    const content = readRunFile(await file.text());
    const { run, journal } = content;
    return {
      name: run.name,
      created: run.created,
      modelName: run.models.base.name,
      requests: journal.length,
      keep: () => this.#keep(content),
    };
  }

  /** The whole run as a file. */
  async exportRun(id: string): Promise<ExportedFile> {
    const content = await getRunContent(this.#shelf.db, id);
    const { runFileText } = await import('./result-files.ts');
    const text = runFileText(content, this.#version);
    return { name: `${fileName(content.run.name)}.drpo-run.json`, text };
  }

  /** The found prompt, its examples and how to use them, as a file. */
  async exportPrompt(id: string): Promise<ExportedFile> {
    const content = await getRunContent(this.#shelf.db, id);
    const { promptFileText } = await import('./result-files.ts');
    const text = promptFileText(content);
    return { name: `${fileName(content.run.name)}.drpo-prompt.json`, text };
  }

  /** The run as a page to read and print. */
  async exportReport(id: string): Promise<ExportedFile> {
    const content = await getRunContent(this.#shelf.db, id);
    const { reportText } = await import('./report-file.ts');
    const text = reportText(content, this.#version);
    return { name: `${fileName(content.run.name)}.drpo-report.html`, text };
  }

  async #keep(content: RunFileContent): Promise<string> {
    const { id } = await importRun(this.#shelf.db, content);
    await this.refresh();
    return id;
  }
}

function rowOf(record: RunRecord, driven: ReadonlySet<string>, requests: number): RunRow {
  const { verdict } = record.summary;
  const primary = verdict?.comparisons.find((c) => c.against === 'start');
  return {
    id: record.id,
    name: record.name,
    created: record.created,
    updated: record.updated,
    // A run that nobody drives any more was left behind by a tab that closed or died.
    status: record.status === 'running' && !driven.has(record.id) ? 'paused' : record.status,
    modelName: record.models.base.name,
    preset: record.settings.preset,
    requests,
    outcome: verdict?.outcome ?? null,
    difference: primary?.difference ?? null,
  };
}

/** The ids of runs that some tab drives now. */
async function drivenRuns(): Promise<ReadonlySet<string>> {
  if (!('locks' in navigator)) return new Set();
  const { held } = await navigator.locks.query();
  const names = (held ?? []).flatMap((lock) => lock.name ?? []);
  return new Set(names.map((name) => name.replace(/^drpo-run-/, '')));
}

function fileName(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\w.-]+/g, '-')
    .slice(0, 60)
    // Without dots at the ends: a name that begins with one is hidden.
    .replace(/^[-.]+|[-.]+$/g, '');
  return plain || 'run';
}
