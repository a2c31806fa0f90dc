import type { SessionStatus } from '../../app/session.svelte.ts';
import type { Phase, Refusal } from '../../core/events.ts';
import type { Purpose, Role } from '../../core/llm.ts';
import type { Run } from '../../core/run.ts';
import type { Settings } from '../../core/settings.ts';

export const phaseNames: Readonly<Record<Phase, string>> = {
  'judge-check': 'Judge check',
  examples: 'Examples',
  search: 'Search',
  selection: 'Selection',
  test: 'Test',
};

/** What each phase does, and why, for someone who reads it while it happens. */
export const phaseStories: Readonly<Record<Phase, readonly [what: string, why: string]>> = {
  'judge-check': [
    'The judge rates good answers, and answers that are spoiled on purpose, such as one taken from another question.',
    'A judge that cannot tell the two apart cannot tell a better prompt from a worse one. Better to know that now.',
  ],
  examples: [
    'The model rewrites the answers of its own examples. The judge rates each before and after, and the better one stays.',
    'Good answers to similar questions, put before a question, pull the next answer up. They cost no training.',
  ],
  search: [
    'At each level the best prompts answer the same questions and are rated. From their weakest answers the model proposes new prompts, which then compete with their parents.',
    'All rivals meet on the same questions, so a prompt cannot win by drawing easy ones. A proposal that cannot be read, or repeats an older one, is refused.',
  ],
  selection: [
    'The finalists, with their examples, answer questions that the search has not seen. The best mean rating is selected.',
    'A prompt that was chosen for some questions looks better on them than it is. New questions undo that.',
  ],
  test: [
    'Your starting prompt and the found one answer the same test questions, which nothing has seen before.',
    'The difference on each question gives the verdict and how sure it is. “No improvement” is a proper answer.',
  ],
};

/** The phases a run with these settings goes through, in order. */
export function phasesOf(settings: Settings | undefined): readonly Phase[] {
  const all: readonly Phase[] = ['judge-check', 'examples', 'search', 'selection', 'test'];
  if (!settings) return all;
  const { evaluation, examples, search, systemPrompt } = settings;
  const on: Readonly<Record<Phase, boolean>> = {
    'judge-check': evaluation.judgeCheck,
    examples: examples.count > 0 && examples.improve.rounds > 0,
    search: systemPrompt,
    selection: systemPrompt && search.ranking === 'blocks' && evaluation.selection > 0,
    test: evaluation.test > 0,
  };
  return all.filter((phase) => on[phase]);
}

/** Columns that the score chart will have: levels, the start's before them in blocks, the selection after. */
export function slotsOf(settings: Settings): number {
  const { depth, ranking } = settings.search;
  const selection = phasesOf(settings).includes('selection') ? 1 : 0;
  return depth + (ranking === 'blocks' ? 1 : 0) + selection;
}

/** One sentence for where a run is. */
export function statusSentence(status: SessionStatus, run: Run, settings?: Settings): string {
  switch (status) {
    case 'empty':
      return 'No run is open';
    case 'loading':
      return 'Getting the model ready';
    case 'running':
      return phaseSentence(run, settings);
    case 'pausing':
      return 'Pausing';
    case 'paused':
      return 'Paused. Nothing is lost: it goes on where it stopped';
    case 'stopping':
      return 'Stopping at the next point where nothing is lost';
    case 'finished':
      return 'Finished';
    case 'stopped':
      return 'Stopped. The best so far is kept';
    case 'failed':
      return 'Interrupted. Everything up to here is kept';
    case 'watching':
      return `In another tab: ${phaseSentence(run, settings).toLowerCase()}`;
    case 'needs-file':
      return 'Waiting for the model’s file';
  }
}

function phaseSentence(run: Run, settings?: Settings): string {
  switch (run.phase) {
    case null:
      return 'Starting';
    case 'judge-check':
      return 'Checking the judge';
    case 'examples': {
      const decided = run.examples.filter((e) => e.kept !== null).length;
      return `Improving the examples: ${String(decided)} decided`;
    }
    case 'search': {
      const level = run.levels.at(-1)?.level ?? 0;
      if (level === 0) return 'Searching: trying your starting prompt';
      const depth = settings ? ` of ${String(Math.max(settings.search.depth, level))}` : '';
      return `Searching: level ${String(level)}${depth}`;
    }
    case 'selection':
      return 'Choosing among the finalists';
    case 'test':
      return 'Testing against your starting prompt';
  }
}

/** Who is writing, in the reader's words. */
export const roleNames: Readonly<Record<Role, string>> = {
  base: 'Answering',
  evaluator: 'Judging',
  optimizer: 'Rewriting',
};

export const roleDefinitions: Readonly<Record<Role, string>> = {
  base: 'The base model: it answers the queries, and it is the one the prompt is for.',
  evaluator: 'The evaluator: it picks criteria for each query and rates answers 1 to 5 on them.',
  optimizer:
    'The optimizer: it rewrites prompts and example answers from what the judge found weak.',
};

/** What a request is for, as the rest of "The model …". */
export const purposeWords: Readonly<Record<Purpose, string>> = {
  answer: 'answers a query with a prompt under trial',
  'choose-criteria': 'picks the criteria that matter for a query',
  rate: 'reads an answer and weighs the marks 1 to 5',
  explain: 'says why an answer was rated low',
  rewrite: 'proposes a new prompt',
  improve: 'rewrites the answer of an example',
  embed: 'compares queries by their meaning',
};

export const refusalWords: Readonly<Record<Refusal, string>> = {
  unreadable: 'it could not be read as a prompt or an answer',
  cut: 'it ran into its length limit, and half a text is never adopted',
  same: 'it says the same as before',
  duplicate: 'it repeats an older candidate',
};
