import type { Llm, LlmReply, LlmRequest } from '../../../src/core/llm.ts';
import { joinParts } from '../../../src/core/llm.ts';
import { planQueries, type Splits } from '../../../src/core/plan.ts';
import { profileFor } from '../../../src/core/profiles/index.ts';
import { parsePrompt, type Prompt } from '../../../src/core/prompt.ts';
import { runSearch } from '../../../src/core/search.ts';
import { mean } from '../../../src/core/rating.ts';
import { presets } from '../../../src/core/settings.ts';
import { pairedDifference } from '../../../src/core/statistics.ts';
import type { Attempt, Example } from '../../../src/core/events.ts';
import { outcomeOf, type Verdict } from '../../../src/core/verdict.ts';
import { criteria } from '../../../src/data/criteria.ts';
import data from '../../../src/data/pocket.json' with { type: 'json' };
import { Dice } from '../dice.ts';
import { promptOf } from '../documents.ts';
import { bulletsIn } from '../edits.ts';
import { everyBullet, randomEdit, type Editing } from '../ideal.ts';
import { reward } from '../rule.ts';
import { readBullet, type WorldQuery } from '../world.ts';
import { Speaker } from './ask.ts';

/** A search with the demo preset, as the rule sees it. Rewards are means over the test queries, 1 to 5. */
export interface Searched {
  readonly seed: number;
  readonly editing: Editing;
  readonly bullets: readonly string[];
  readonly behaviours: readonly (string | null)[];
  readonly judge: { readonly before: number; readonly after: number };
  readonly rule: { readonly before: number; readonly after: number; readonly every: number };
  readonly outcome: Verdict['outcome'];
  /** What the rule's own ratings of the same answers say. */
  readonly ruleOutcome: Verdict['outcome'];
  readonly requests: number;
  readonly outputTokens: number;
  readonly elapsedMs: number;
}

/** Edits drawn at random in place of the optimizer's; everything else is the model's. */
function withRandomEdits(llm: Llm): Llm {
  return {
    info: llm.info,
    async ask(request, options) {
      const reply = await llm.ask(request, options);
      return request.purpose === 'rewrite' ? randomReply(request, reply) : reply;
    },
  };
}

function randomReply({ content, sampling }: LlmRequest, reply: LlmReply): LlmReply {
  if (content.type !== 'text' || reply.type !== 'text') return reply;
  const [instructions = ''] = joinParts(content.parts).split('\n\n# Query');
  return {
    ...reply,
    text: randomEdit(bulletsIn(instructions), new Dice(sampling.seed)),
    finish: 'stop',
  };
}

/** Runs a search with a seed as the app's demo does, and rates what it answered by the rule. */
export async function search(
  llm: Llm,
  queries: ReadonlyMap<string, WorldQuery>,
  seed: number,
  editing: Editing,
): Promise<Searched> {
  const settings = { ...presets.demo, seed };
  const splits: Splits = planQueries(data.queries, settings);
  const asked = { requests: 0, outputTokens: 0 };
  const counted: Llm = {
    info: llm.info,
    async ask(request, options) {
      const reply = await llm.ask(request, options);
      asked.requests += 1;
      asked.outputTokens += reply.usage.outputTokens;
      return reply;
    },
  };
  const model = editing === 'random' ? withRandomEdits(counted) : counted;
  const profile = profileFor(llm.info);
  const examples: readonly Example[] = data.examples;
  const began = performance.now();
  const outcome = await followed(
    runSearch(
      {
        ...splits,
        examples,
        startingPrompt: parsePrompt(data.start),
        handWritten: parsePrompt(data.handWritten),
      },
      {
        llms: { base: model, evaluator: model, optimizer: model },
        profiles: { base: profile, evaluator: profile, optimizer: profile },
        settings,
        criteria,
        steer: () => Promise.resolve({ type: 'go' }),
      },
    ),
  );
  const elapsedMs = performance.now() - began;
  const test = splits.test.flatMap(({ id, text }) => {
    const query = queries.get(text);
    return query ? [{ id, query }] : [];
  });
  const rewards = (arm: string) =>
    test.map(({ id, query }) => {
      const attempt = outcome.attempts.find((a) => a.candidate === `arm-${arm}` && a.query === id);
      return attempt ? reward(query, attempt.answer) : 0;
    });
  const unchanged = !outcome.attempts.some((a) => a.candidate === 'arm-start');
  const [before, after] = [rewards(unchanged ? 'found' : 'start'), rewards('found')];
  const every = await rewardOf(
    new Speaker(llm),
    everyPrompt(seed),
    test.map((t) => t.query),
  );
  const judge = (arm: string) => outcome.verdict.arms.find((a) => a.arm === arm)?.mean ?? 0;
  return {
    seed,
    editing,
    bullets: outcome.prompt.bullets.map((b) => b.text),
    behaviours: outcome.prompt.bullets.map((b) => readBullet(b.text)),
    judge: { before: judge(unchanged ? 'found' : 'start'), after: judge('found') },
    rule: { before: mean(before), after: mean(after), every },
    outcome: outcome.verdict.outcome,
    ruleOutcome: ruleOutcome(before, after, seed),
    ...asked,
    elapsedMs,
  };
}

function everyPrompt(seed: number): string {
  return promptOf(data.start, everyBullet(new Dice(seed)));
}

async function rewardOf(
  speaker: Speaker,
  prompt: string,
  queries: readonly WorldQuery[],
): Promise<number> {
  const rewards: number[] = [];
  for (const query of queries) rewards.push(reward(query, await speaker.answer(prompt, query)));
  return mean(rewards);
}

function ruleOutcome(
  before: readonly number[],
  after: readonly number[],
  seed: number,
): Verdict['outcome'] {
  const differences = after.map((x, i) => x - (before[i] ?? 0));
  const { interval } = pairedDifference(differences, seed);
  return outcomeOf(differences.length, interval);
}

interface Followed {
  readonly prompt: Prompt;
  readonly attempts: readonly Attempt[];
  readonly verdict: Verdict;
}

async function followed(events: ReturnType<typeof runSearch>): Promise<Followed> {
  const prompts = new Map<string, Prompt>();
  const attempts: Attempt[] = [];
  let prompt: Prompt | undefined;
  let verdict: Verdict | undefined;
  for await (const event of events) {
    if (event.type === 'candidate') prompts.set(event.candidate.id, event.candidate.prompt);
    if (event.type === 'attempt' && event.attempt.split === 'test') attempts.push(event.attempt);
    if (event.type === 'selected') prompt = prompts.get(event.candidate);
    if (event.type === 'verdict') verdict = event.verdict;
  }
  if (!prompt || !verdict) throw new Error('the search ended without a verdict');
  return { prompt, attempts, verdict };
}
