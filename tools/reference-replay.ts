import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import type { Criterion } from '../src/core/criteria.ts';
import type { Example, Query, SearchEvent } from '../src/core/events.ts';
import { improveExamples } from '../src/core/improve-examples.ts';
import type { Llm, LlmRequest } from '../src/core/llm.ts';
import { joinParts } from '../src/core/llm.ts';
import { pathSearch } from '../src/core/path-search.ts';
import type { Profile } from '../src/core/profile.ts';
import { parsePrompt, promptText } from '../src/core/prompt.ts';
import type { Rating } from '../src/core/rating.ts';
import { candidateOf, foldAll } from '../src/core/run.ts';
import { presets, type Settings } from '../src/core/settings.ts';
import { startSearch } from '../src/core/world.ts';

const scores = v.nullable(v.record(v.string(), v.number()));
const table = v.record(v.string(), v.record(v.string(), v.string()));

const searchCase = v.object({
  name: v.string(),
  config: v.object({
    beamWidth: v.number(),
    actions: v.number(),
    depth: v.number(),
    maxDepthIncrease: v.number(),
  }),
  queries: v.array(v.string()),
  initialPrompt: v.string(),
  model: v.object({
    criteria: v.record(v.string(), v.array(v.string())),
    answers: table,
    ratings: v.record(v.string(), v.record(v.string(), scores)),
    rewrites: v.record(v.string(), v.record(v.string(), v.array(v.string()))),
  }),
  decisions: v.array(v.unknown()),
  result: v.object({
    prompt: v.string(),
    path: v.array(v.string()),
    aggregate: v.number(),
    levels: v.number(),
  }),
});

const exampleCase = v.object({
  name: v.string(),
  config: v.object({ rounds: v.number() }),
  examples: v.record(v.string(), v.string()),
  model: v.object({
    criteria: v.record(v.string(), v.array(v.string())),
    ratings: v.record(v.string(), v.record(v.string(), scores)),
    improved: table,
  }),
  decisions: v.array(v.unknown()),
  result: v.record(v.string(), v.string()),
});

/** A file of recorded decisions, of either kind. */
export const referenceFile = v.object({
  about: v.string(),
  cases: v.array(v.union([searchCase, exampleCase])),
});

type SearchCase = v.InferOutput<typeof searchCase>;
type ExampleCase = v.InferOutput<typeof exampleCase>;

/** The decisions and the result that our paper preset comes to, in the form of the recorded ones. */
export interface Replay {
  readonly decisions: readonly unknown[];
  readonly result: unknown;
}

/** Replays one case through the paper preset. Asking for what is not in the case's tables throws. */
export function replay(recorded: SearchCase | ExampleCase): Promise<Replay> {
  return 'queries' in recorded ? replaySearch(recorded) : replayExamples(recorded);
}

/** What first differs between the recorded decisions and ours, in words; null if nothing does. */
export async function differs(recorded: SearchCase | ExampleCase): Promise<string | null> {
  let ours: Replay;
  try {
    ours = await replay(recorded);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const length = Math.max(recorded.decisions.length, ours.decisions.length);
  for (let i = 0; i < length; i++) {
    if (!isDeepStrictEqual(recorded.decisions[i], ours.decisions[i])) {
      return described(`decision ${String(i)}`, recorded.decisions[i], ours.decisions[i]);
    }
  }
  return isDeepStrictEqual(recorded.result, ours.result)
    ? null
    : described('result', recorded.result, ours.result);
}

function described(what: string, recorded: unknown, ours: unknown): string {
  return `${what}\n  recorded ${JSON.stringify(recorded)}\n  ours     ${JSON.stringify(ours)}`;
}

/** Every purpose's blanks as one line of JSON, so that a table can answer; replies are JSON too. */
const tableProfile: Profile = {
  id: 'table',
  form: 'text',
  answer: ({ prompt, query }) => asked({ prompt: prompt ? promptText(prompt) : '', query }),
  chooseCriteria: ({ query }) => asked({ query }),
  readChoice: (text) => ({ names: v.parse(v.array(v.string()), JSON.parse(text)), proposed: null }),
  rate: () => {
    throw new Error('the paper preset rates in writing');
  },
  rateAll: ({ query, answer }) => asked({ query, answer }),
  readRatings(text, criteria) {
    const given = v.parse(scores, JSON.parse(text));
    if (!given) return null;
    return criteria.map((c): Rating => {
      const score = given[c.name];
      if (score === undefined) throw new Error(`no rating of ${c.name}`);
      return { criterion: c.name, score, reason: 'as recorded' };
    });
  },
  explain: () => {
    throw new Error('written ratings come with reasons');
  },
  readReason: () => null,
  rewrite: ({ prompt, evidence, former }) =>
    asked({ prompt: promptText(prompt), query: evidence.query, former: former.length }),
  readPrompt: (text) => text,
  improve: ({ query, answer }) => asked({ query, answer }),
  readAnswer: (text) => text,
};

function asked(blanks: Readonly<Record<string, unknown>>) {
  return {
    content: { type: 'text', parts: [{ text: JSON.stringify(blanks) }] },
    stop: [],
  } as const;
}

const blanksOf = v.object({
  query: v.string(),
  prompt: v.optional(v.string(), ''),
  answer: v.optional(v.string(), ''),
});
type Blanks = v.InferOutput<typeof blanksOf>;

function tableModel(reply: (request: LlmRequest, blanks: Blanks) => string): Llm {
  const info = {
    engine: 'table',
    id: 'recorded',
    revision: '1',
    contextSize: 1_000_000,
    name: 'Recorded',
    form: 'text',
    canEmbed: false,
    concurrency: 1,
  } as const;
  const usage = { promptTokens: 0, reusedTokens: 0, outputTokens: 0, elapsedMs: 0 };
  return {
    info,
    ask: (request) => {
      const parts = request.content.type === 'text' ? request.content.parts : [];
      const blanks = v.parse(blanksOf, JSON.parse(joinParts(parts)));
      const text = reply(request, blanks);
      return Promise.resolve({ type: 'text', text, finish: 'stop', cut: [], usage });
    },
  };
}

function search(llm: Llm, settings: Settings, names: readonly string[]) {
  const criteria = names.map((name): Criterion => ({ name, definition: '', low: '', high: '' }));
  return startSearch({
    llms: { base: llm, evaluator: llm, optimizer: llm },
    profiles: { base: tableProfile, evaluator: tableProfile, optimizer: tableProfile },
    settings,
    criteria,
    steer: () => Promise.resolve({ type: 'go' }),
  });
}

function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`asked for what is not recorded: ${what}`);
  return value;
}

async function replaySearch(recorded: SearchCase): Promise<Replay> {
  const { model, config } = recorded;
  const queries = recorded.queries.map((text): Query => ({ id: text, text, kind: '' }));
  const rewritten = new Map<string, number>();
  const promptOfAnswer = new Map<string, string>();
  const llm = tableModel(({ purpose }, { query, prompt, answer }) => {
    switch (purpose) {
      case 'answer': {
        const text = found(model.answers[prompt]?.[query], `answer of ${prompt} to ${query}`);
        promptOfAnswer.set(text, prompt);
        return text;
      }
      case 'choose-criteria':
        return JSON.stringify(found(model.criteria[query], `criteria of ${query}`));
      case 'rate': {
        const by = found(promptOfAnswer.get(answer), `rating of ${answer}`);
        return JSON.stringify(found(model.ratings[by]?.[query], `rating of ${by} on ${query}`));
      }
      case 'rewrite': {
        const at = `${prompt} at ${query}`;
        const i = rewritten.get(at) ?? 0;
        rewritten.set(at, i + 1);
        return found(model.rewrites[prompt]?.[query]?.[i], `rewrite ${String(i)} of ${at}`);
      }
      case 'explain':
      case 'improve':
      case 'embed':
        throw new Error(`asked for ${purpose}`);
    }
  });
  const paper = presets.paper;
  const settings: Settings = {
    ...paper,
    search: {
      ...paper.search,
      width: config.beamWidth,
      proposals: config.actions,
      depth: config.depth,
      extraDepth: config.maxDepthIncrease,
    },
  };
  const names = [...new Set(Object.values(model.criteria).flat())];
  const running = pathSearch(
    search(llm, settings, names),
    parsePrompt(recorded.initialPrompt),
    queries,
    () => Promise.resolve([]),
  );
  const events: SearchEvent[] = [];
  for (;;) {
    const next = await running.next();
    if (!next.done) {
      events.push(next.value);
      continue;
    }
    const { candidate, path, aggregate, levels } = next.value;
    return {
      decisions: searchDecisions(events),
      result: {
        prompt: promptText(candidate.prompt),
        path: path.map((c) => promptText(c.prompt)),
        aggregate: rounded(aggregate),
        levels,
      },
    };
  }
}

function searchDecisions(events: readonly SearchEvent[]): unknown[] {
  const run = foldAll(events);
  const text = (id: string) => promptText(found(candidateOf(run, id), id).prompt);
  return events.flatMap((event): unknown[] => {
    if (event.type === 'attempt') {
      const { candidate, query, ratings } = event.attempt;
      return [{ type: 'evaluated', prompt: text(candidate), query, ratings: scoresOf(ratings) }];
    }
    if (event.type === 'rewritten') {
      const { candidate, query, former, children } = event;
      const proposed = children.map(text);
      return [{ type: 'rewritten', prompt: text(candidate), query, former, children: proposed }];
    }
    if (event.type === 'beam') {
      const kept = event.kept.map((k) => ({
        prompt: text(k.candidate),
        aggregate: rounded(k.aggregate ?? 0),
      }));
      return [{ type: 'beam', kept }];
    }
    return [];
  });
}

async function replayExamples(recorded: ExampleCase): Promise<Replay> {
  const { model } = recorded;
  const examples = Object.entries(recorded.examples).map(([query, answer]): Example => ({
    id: query,
    query,
    answer,
  }));
  const llm = tableModel(({ purpose }, { query, answer }) => {
    switch (purpose) {
      case 'choose-criteria':
        return JSON.stringify(found(model.criteria[query], `criteria of ${query}`));
      case 'rate':
        return JSON.stringify(found(model.ratings[query]?.[answer], `rating of ${answer}`));
      case 'improve':
        return found(model.improved[query]?.[answer], `rewrite of ${answer}`);
      case 'answer':
      case 'explain':
      case 'rewrite':
      case 'embed':
        throw new Error(`asked for ${purpose}`);
    }
  });
  const paper = presets.paper;
  const improve = { ...paper.examples.improve, rounds: recorded.config.rounds };
  const settings: Settings = { ...paper, examples: { ...paper.examples, improve } };
  const names = [...new Set(Object.values(model.criteria).flat())];
  const running = improveExamples(search(llm, settings, names), examples, new Set());
  const events: SearchEvent[] = [];
  for (;;) {
    const next = await running.next();
    if (next.done) {
      return {
        decisions: exampleDecisions(events),
        result: Object.fromEntries(next.value.map((e) => [e.query, e.answer])),
      };
    }
    events.push(next.value);
  }
}

function exampleDecisions(events: readonly SearchEvent[]): unknown[] {
  const latest = new Map<string, string>();
  return events.flatMap((event): unknown[] => {
    if (event.type !== 'example-rated') return [];
    const { example: query, round, answer, ratings } = event;
    const from = latest.get(query);
    latest.set(query, answer);
    const evaluated = { type: 'evaluated', query, answer, ratings: scoresOf(ratings) };
    return round === 0
      ? [evaluated]
      : [{ type: 'improved', query, answer: from, into: answer }, evaluated];
  });
}

function scoresOf(ratings: readonly Rating[] | null): Readonly<Record<string, number>> | null {
  return ratings && Object.fromEntries(ratings.map((r) => [r.criterion, r.score]));
}

/** Aggregates are recorded to nine decimals. */
function rounded(value: number): number {
  return Math.round(value * 1e9) / 1e9;
}
