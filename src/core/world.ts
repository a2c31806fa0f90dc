import type { ChosenCriteria, Criterion } from './criteria.ts';
import type { SearchEvent, Steer } from './events.ts';
import {
  replyRoom,
  roles,
  type ChoiceReply,
  type EmbeddingReply,
  type LlmReply,
  type LlmRequest,
  type Llms,
  type ModelRef,
  type Output,
  type Purpose,
  type Role,
  type TextReply,
} from './llm.ts';
import type { PlantedTexts } from './planted.ts';
import type { Ask, Profile } from './profile.ts';
import { seedAt } from './random.ts';
import type { Settings } from './settings.ts';

/** What the model writes right now, for whoever watches. */
export interface Writing {
  readonly role: Role;
  readonly purpose: Purpose;
  readonly text: string;
}

/** What a search is given besides its data: models, how to ask them, and who may steer. */
export interface World {
  readonly llms: Llms;
  readonly profiles: Readonly<Record<Role, Profile>>;
  readonly settings: Settings;
  readonly criteria: readonly Criterion[];
  /** The words for spoiling answers in the judge check; absent where a run brought none. */
  readonly planted?: PlantedTexts;
  /**
   * Asked at numbered points, in order from 0, whether to go on. Its answers must be the same when the run is run again:
   * whoever gives them keeps them.
   */
  readonly steer: (point: number) => Promise<Steer>;
  readonly signal?: AbortSignal;
  readonly onWriting?: (writing: Writing) => void;
}

/**
 * A world with what the search remembers: criteria once chosen, how many steering points it has passed, and contexts that had to
 * become smaller on the way.
 */
export interface Search extends World {
  readonly chosen: Map<string, ChosenCriteria>;
  readonly points: { passed: number; stopped: boolean };
  readonly contextSizes: Map<Role, number>;
  readonly spent: Spent;
}

/** What a run's distinct requests have cost so far; kept replies count as what they cost when they were made. */
export interface Spent {
  /** The distinct requests, each by what it asks. */
  readonly asked: Set<string>;
  tokens: number;
  elapsedMs: number;
}

export function startSearch(world: World): Search {
  return {
    ...world,
    chosen: new Map(),
    points: { passed: 0, stopped: false },
    contextSizes: new Map(),
    spent: { asked: new Set(), tokens: 0, elapsedMs: 0 },
  };
}

/** One numbered steering point, which takes in what is asked: true if the search is to stop here with the best so far. */
export async function* stopAsked(search: Search): AsyncGenerator<SearchEvent, boolean> {
  if (search.points.stopped) return true;
  const point = search.points.passed++;
  const steer = await search.steer(point);
  if (steer.type === 'go') return false;
  if (steer.type === 'stop') search.points.stopped = true;
  else for (const role of roles) search.contextSizes.set(role, steer.contextSizes[role]);
  yield { type: 'steered', point, steer };
  return search.points.stopped;
}

/** Which weights answer for a role, with the context that they have now. */
function modelRef({ llms, contextSizes }: Search, role: Role): ModelRef {
  const { engine, id, revision, contextSize } = llms[role].info;
  return { engine, id, revision, contextSize: contextSizes.get(role) ?? contextSize };
}

interface TextAsk {
  readonly role: Role;
  readonly purpose: Purpose;
  readonly ask: Ask;
  readonly maxTokens: number;
  /** Where in the search this is asked; decides the seed where the temperature is above 0. */
  readonly place: readonly (string | number)[];
}

/** Asks for text. */
export async function askText(
  search: Search,
  { role, purpose, ask, maxTokens, place }: TextAsk,
): Promise<TextReply> {
  const room = replyRoom(maxTokens, modelRef(search, role).contextSize);
  const reply = await send(
    search,
    role,
    purpose,
    ask.content,
    {
      type: 'text',
      maxTokens: room,
      stop: ask.stop,
    },
    search.settings.temperature[role],
    place,
  );
  if (reply.type !== 'text') throw new Error(`asked for text, got ${reply.type}`);
  return reply;
}

/** Asks the evaluator for the probabilities of the next token. */
export async function askChoice(
  search: Search,
  purpose: Purpose,
  ask: Ask,
  choices: readonly string[],
): Promise<ChoiceReply> {
  const output: Output = { type: 'choice', choices };
  const reply = await send(search, 'evaluator', purpose, ask.content, output, 0, []);
  if (reply.type !== 'choice') throw new Error(`asked for a choice, got ${reply.type}`);
  return reply;
}

/** Asks the base model for a text's embedding. */
export async function askEmbedding(search: Search, text: string): Promise<EmbeddingReply> {
  const content = { type: 'text', parts: [{ text }] } as const;
  const reply = await send(search, 'base', 'embed', content, { type: 'embedding' }, 0, []);
  if (reply.type !== 'embedding') throw new Error(`asked for an embedding, got ${reply.type}`);
  return reply;
}

async function send(
  search: Search,
  role: Role,
  purpose: Purpose,
  content: LlmRequest['content'],
  output: Output,
  temperature: number,
  place: readonly (string | number)[],
): Promise<LlmReply> {
  const llm = search.llms[role];
  const request: LlmRequest = {
    role,
    purpose,
    model: modelRef(search, role),
    content,
    output,
    // Greedy replies need no seed: a fixed one lets equal requests share a reply wherever they are asked.
    sampling: {
      temperature,
      topP: 1,
      seed: temperature === 0 ? 1 : seedAt(search.settings.seed, purpose, ...place),
    },
  };
  const { signal, onWriting } = search;
  const reply = await llm.ask(request, {
    ...(signal && { signal }),
    ...(onWriting && { onText: (text: string) => onWriting({ role, purpose, text }) }),
  });
  count(search.spent, request, reply);
  return reply;
}

function count(spent: Spent, request: LlmRequest, { key, usage }: LlmReply): void {
  const name = key ?? JSON.stringify(request);
  if (spent.asked.has(name)) return;
  spent.asked.add(name);
  spent.tokens += usage.promptTokens + usage.outputTokens;
  spent.elapsedMs += usage.elapsedMs;
}

/** Whether the run has come to one of the bounds of its settings. */
export function isSpent({ settings, spent }: Search): boolean {
  const { requests, tokens, minutes } = settings.search.stop ?? {};
  return (
    (requests !== undefined && spent.asked.size >= requests) ||
    (tokens !== undefined && spent.tokens >= tokens) ||
    (minutes !== undefined && spent.elapsedMs >= minutes * 60_000)
  );
}
