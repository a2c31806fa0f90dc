import type { SessionStatus } from '../../app/session.svelte.ts';
import type { Phase, Refusal } from '../../core/events.ts';
import type { Purpose, Role } from '../../core/llm.ts';
import type { Run } from '../../core/run.ts';
import type { Settings } from '../../core/settings.ts';

export const phaseNames: Readonly<Record<Phase, string>> = {
  'judge-check': 'Judge check',
  headroom: 'Headroom',
  examples: 'Examples',
  search: 'Search',
  selection: 'Selection',
  test: 'Test',
};

const phaseStories: Readonly<Record<Phase, readonly [what: string, why: string]>> = {
  'judge-check': [
    'The judge rates good answers, and answers that are spoiled on purpose, such as one taken from another question.',
    'A judge that cannot tell the two apart cannot tell a better prompt from a worse one. Better to know that now.',
  ],
  headroom: [
    'The starting prompt, a hand-written one, no prompt at all and the starting prompt with examples answer the same few training questions, and are rated.',
    'Where the starting prompt is rated close to 5 and nothing else does better, a search can win little. Better to say so before the time is spent.',
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

/** What a phase does, and why, in a run with these settings, for someone who reads it while it happens. */
export function phaseStory(
  phase: Phase,
  settings: Settings | undefined,
): readonly [what: string, why: string] {
  const [what, why] = phaseStories[phase];
  if (phase === 'search' && settings?.search.ranking === 'pooled') return pooledStory;
  if (phase === 'selection' && settings?.evaluation.weighBullets === true) {
    return [
      `${what} Then its lines are left out one by one; those that do nothing may go.`,
      `${why} And a prompt is no better for lines that do nothing.`,
    ];
  }
  return [what, why];
}

const pooledStory = [
  'The model proposes changes of single lines of the best prompt, from its weakest answers. Beside them come prompts made of lines that did well so far. All of a level answer the same questions.',
  'What a line does is estimated from all answers of all prompts that had it, so that few answers tell much. A line that nearly says what was tried before is refused.',
] as const;

const runPhases: readonly Phase[] = [
  'judge-check',
  'headroom',
  'examples',
  'search',
  'selection',
  'test',
];

/** The phases a run with these settings goes through, in order. */
export function phasesOf(settings: Settings | undefined): readonly Phase[] {
  if (!settings) return runPhases;
  const { evaluation, examples, search, systemPrompt } = settings;
  const on: Readonly<Record<Phase, boolean>> = {
    'judge-check': evaluation.judgeCheck,
    headroom: (evaluation.headroom ?? 0) > 0,
    examples: examples.count > 0 && examples.improve.rounds > 0,
    search: systemPrompt,
    selection: systemPrompt && search.ranking !== 'path' && evaluation.selection > 0,
    test: evaluation.test > 0,
  };
  return runPhases.filter((phase) => on[phase]);
}

/** Columns that the score chart will have: levels, the start's before them in blocks, the selection after. */
export function slotsOf(settings: Settings): number {
  const { depth, ranking } = settings.search;
  const selection = phasesOf(settings).includes('selection') ? 1 : 0;
  return depth + (ranking !== 'path' ? 1 : 0) + selection;
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
    case 'headroom':
      return 'Trying how much there is to win';
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

/** What racing is, for a reader who meets the word. */
export const racingDefinition =
  'Racing: the prompts of a level are compared before they have met all its queries. One that lies behind by more than chance explains, given what is left, is asked no more, which saves its requests.';

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
