import type { Criterion } from '../../src/core/criteria.ts';
import type { Attempt, Query, SearchEvent, Split } from '../../src/core/events.ts';
import type { Drop, LlmInfo, LlmReply, LlmRequest, Role } from '../../src/core/llm.ts';
import { makeBullet, parsePrompt, type Origin, type Prompt } from '../../src/core/prompt.ts';
import { expectedScore, mean, reward, type Rating } from '../../src/core/rating.ts';
import { foldAll, type Run } from '../../src/core/run.ts';
import { presets, type Settings } from '../../src/core/settings.ts';
import type { ArmResult, Comparison } from '../../src/core/verdict.ts';
import type { RunHead, Session } from '../../src/app/session.svelte.ts';

/** A handmade run of the quick preset (three levels): what its events would be, in English one could meet. */

const criteria: readonly Criterion[] = [
  {
    name: 'Helpfulness',
    definition: 'The answer solves what the person came with, with something they can do next.',
    low: 'It leaves the person where they were.',
    high: 'The person can act on it at once.',
  },
  {
    name: 'Clarity',
    definition: 'The answer can be understood at first reading.',
    low: 'One has to guess what is meant.',
    high: 'Every sentence is plain.',
  },
  {
    name: 'Factuality',
    definition: 'What the answer states is true, and it says what it does not know.',
    low: 'It states things that are false.',
    high: 'Everything can be checked and holds.',
  },
  {
    name: 'Empathy',
    definition: 'The answer takes notice of how the person feels.',
    low: 'It ignores the person.',
    high: 'The person feels heard.',
  },
  {
    name: 'Conciseness',
    definition: 'The answer is as long as it needs to be and no longer.',
    low: 'It rambles.',
    high: 'Nothing could be left out.',
  },
];

const train = queries('t', [
  ['How do I get candle wax out of a wool rug?', 'how-to'],
  ['My best friend forgot my birthday and I feel stupid for being upset.', 'advice'],
  ['Why is the sky red at sunset?', 'explain'],
  ['Write a two-line thank-you note to my son’s piano teacher.', 'write'],
  ['Is it safe to eat rice that stood out overnight?', 'safety'],
  ['What is the difference between weather and climate?', 'explain'],
  ['I have a job interview tomorrow and cannot sleep. Any tips?', 'advice'],
  ['How long do I boil an egg so that the yolk stays soft?', 'how-to'],
  ['Explain compound interest to a ten-year-old.', 'explain'],
  ['Can I mix bleach and vinegar to clean the bathroom?', 'safety'],
  ['Suggest a name for a bakery that only sells bread.', 'write'],
  ['My neighbour plays the drums at night. How do I bring it up?', 'advice'],
]);

const select = queries('s', [
  ['How do I keep basil alive on a windowsill?', 'how-to'],
  ['Why do cats purr?', 'explain'],
  ['I was passed over for promotion. What should I do?', 'advice'],
  ['Write a polite note asking a guest to take off their shoes.', 'write'],
  ['Is it dangerous to charge my phone overnight?', 'safety'],
  ['What does “open source” mean?', 'explain'],
  ['How do I remove a stripped screw?', 'how-to'],
  ['My dog died last week. How do I tell my daughter?', 'advice'],
]);

const testSet: readonly (readonly [string, string, string, string])[] = [
  [
    'How do I unblock a slow kitchen sink?',
    'how-to',
    'You can use a plunger. There are many ways to unblock a sink.',
    'Pour a kettle of hot water down first: most slow sinks are only grease. If it still drains slowly, use a plunger with a little water in the basin, ten short strokes. Last, unscrew the trap under the sink over a bucket and rinse it.',
  ],
  [
    'Why do leaves change colour in autumn?',
    'explain',
    'Leaves change colour because of the season and the cold.',
    'Days get shorter, so the tree stops making chlorophyll, the green pigment. The yellow that was there all along shows through, and some trees make red pigment from trapped sugar.',
  ],
  [
    'I failed my driving test for the third time.',
    'advice',
    'Try again. Practice makes perfect.',
    'Three times is disheartening, and it is common. Ask for the examiner’s sheet, pick the one fault that came up most, and book two lessons on that alone before you try again.',
  ],
  [
    'Write a short message cancelling dinner tonight.',
    'write',
    'I cannot come to dinner.',
    'Hi Sam, I am so sorry, something came up and I cannot make dinner tonight. Could we do Thursday instead? My treat.',
  ],
  [
    'Can I give my dog grapes?',
    'safety',
    'Dogs like many fruits. Grapes are sweet.',
    'No. Even a few grapes can damage a dog’s kidneys. If it has eaten any, call your vet now and say how many.',
  ],
  [
    'How do I fold a fitted sheet?',
    'how-to',
    'Fold it in half and then in half again.',
    'Put your hands into two neighbouring corners, tuck one corner into the other, do the same on the far side, lay it flat and fold in thirds.',
  ],
  [
    'What is inflation?',
    'explain',
    'Inflation is when the economy changes.',
    'Inflation is the rise of prices over time: the same money buys less. At 5 % a year, what cost 100 costs 105 a year later.',
  ],
  [
    'My teenager will not talk to me any more.',
    'advice',
    'Teenagers are like that.',
    'That hurts, and it is rarely about you. Talk side by side, in the car or while cooking, ask one small question and leave the silence alone.',
  ],
  [
    'Write a headline for a bike repair shop.',
    'write',
    'Bike Repair Shop',
    'Back on the road by five',
  ],
  [
    'Is mouldy bread fine if I cut the mould off?',
    'safety',
    'Yes, just cut it off.',
    'No: in soft bread the threads reach further than you can see. Throw the loaf away and wipe the bread bin.',
  ],
  [
    'How do I sharpen a kitchen knife?',
    'how-to',
    'Use a sharpener and be careful.',
    'Hold the blade at about 15 degrees on a wet stone, draw it from heel to tip ten times a side, then test it on paper.',
  ],
  [
    'What causes thunder?',
    'explain',
    'Thunder is caused by storms and clouds.',
    'Lightning heats the air to some 30,000 °C in an instant. The air expands so fast that it makes a shock wave: thunder.',
  ],
  [
    'I am nervous about moving to a new city alone.',
    'advice',
    'You will be fine.',
    'It is natural to be nervous. Choose one fixed weekly thing before you go, a class or a club: faces you see again are how a city becomes yours.',
  ],
  [
    'Write a two-line birthday poem for my aunt.',
    'write',
    'Happy birthday to my aunt. I hope it is nice.',
    'Another year, and still you’re first to dance:\nyour kitchen, cake, and every second chance.',
  ],
  [
    'Can I take two different painkillers together?',
    'safety',
    'Yes, you can take painkillers.',
    'It depends on which. Paracetamol with ibuprofen is usually fine for adults; two of the same family are not. Ask a pharmacist with the packets in hand.',
  ],
  [
    'How do I get a stuck ring off?',
    'how-to',
    'Pull it hard.',
    'Hold the hand up for five minutes, use soap or oil, and turn the ring rather than pull. If the finger goes blue, go to a clinic.',
  ],
  [
    'What is a leap year for?',
    'explain',
    'A leap year has 366 days.',
    'The Earth takes about 365¼ days round the sun. The extra day every four years keeps the calendar in step with the seasons.',
  ],
  [
    'My colleague takes credit for my work.',
    'advice',
    'Tell your boss.',
    'That is maddening. First speak to them in private about one concrete case; from then on send short written updates to the whole team.',
  ],
  [
    'Write a sign asking people to keep the gate shut.',
    'write',
    'Keep gate shut.',
    'Please shut the gate: the sheep are better at escaping than we are at running.',
  ],
  [
    'Is it all right to swim right after eating?',
    'safety',
    'No, never swim after eating.',
    'A light meal is no problem; the old rule has no evidence behind it. After a heavy one you may feel sluggish, so wait if you do.',
  ],
];
const test = queries(
  'q',
  testSet.map(([text, kind]) => [text, kind] as const),
);

const examples = [
  {
    id: 'e0',
    query: 'How do I descale a kettle?',
    answer: 'Use vinegar or lemon. It removes the scale.',
  },
  {
    id: 'e1',
    query: 'I argued with my sister and regret it.',
    answer: 'You should say sorry to her because family is important.',
  },
  {
    id: 'e2',
    query: 'Why is sea water salty?',
    answer: 'Rivers carry dissolved minerals to the sea; water evaporates, salt stays.',
  },
  {
    id: 'e3',
    query: 'Is it safe to refreeze thawed meat?',
    answer: 'It is safe if it thawed in the fridge. It is not safe otherwise.',
  },
];
const improved: Readonly<Record<string, string>> = {
  e0: 'Fill it half with water and half with white vinegar, boil once, leave it for twenty minutes, pour it out and boil clean water twice. If scale is left, do it again.',
  e1: 'It is hard to carry that around. A short message is enough to begin: say what you regret in one sentence, without a “but”, and ask if she would like to talk.',
  e3: 'Yes, if it thawed in the fridge and was there less than two days; it will lose some juice. If it lay out for more than two hours, throw it away.',
};

const bulletTexts = {
  steps: 'Answer the question in the first sentence, then give the steps in order.',
  feel: 'If the person sounds upset, say in one sentence that you noticed before you advise.',
  short: 'Keep it under 120 words.',
  shorter: 'Keep it under 90 words; leave out anything the person did not ask for.',
  warn: 'Where something could hurt someone, say so first and plainly.',
  know: 'Say what you are not sure of.',
  polite: 'Be polite and professional at all times.',
  number: 'Use numbers and times instead of words like “some” or “a while”.',
};
type Line = keyof typeof bulletTexts;

const start = parsePrompt('You are a helpful assistant.');
const madeBy: Readonly<Record<Line, Origin>> = {
  steps: from('p0', 't0', 'Helpfulness'),
  feel: from('p0', 't1', 'Empathy'),
  short: from('p1', 't6', 'Conciseness'),
  shorter: from('p3', 't8', 'Conciseness'),
  warn: from('p1', 't4', 'Factuality'),
  know: from('p0', 't5', 'Factuality'),
  polite: from('p0', 't3', 'Clarity'),
  number: from('p4', 't7', 'Helpfulness'),
};

interface Plan {
  readonly id: string;
  readonly parent: string | null;
  readonly level: number;
  readonly query: string | null;
  readonly lines: readonly Line[];
  readonly quality: number;
}
const plan: readonly Plan[] = [
  { id: 'p0', parent: null, level: 0, query: null, lines: [], quality: 2.95 },
  { id: 'p1', parent: 'p0', level: 1, query: 't0', lines: ['steps'], quality: 3.4 },
  { id: 'p2', parent: 'p0', level: 1, query: 't3', lines: ['polite'], quality: 2.7 },
  { id: 'p3', parent: 'p1', level: 2, query: 't6', lines: ['steps', 'short'], quality: 3.85 },
  { id: 'p4', parent: 'p1', level: 2, query: 't4', lines: ['steps', 'warn'], quality: 3.7 },
  { id: 'p5', parent: 'p0', level: 2, query: 't5', lines: ['know'], quality: 3.1 },
  { id: 'p6', parent: 'p3', level: 3, query: 't8', lines: ['steps', 'shorter'], quality: 4.1 },
  { id: 'p7', parent: 'p3', level: 3, query: 't10', lines: ['steps', 'polite'], quality: 3.5 },
  {
    id: 'p8',
    parent: 'p4',
    level: 3,
    query: 't9',
    lines: ['steps', 'feel', 'warn', 'number'],
    quality: 4.0,
  },
];

/** The settings the fixture ran with. */
export const fixtureSettings: Settings = {
  ...presets.quick,
  search: { ...presets.quick.search, depth: 3 },
  evaluation: { ...presets.quick.evaluation, selection: 8 },
};

const model: LlmInfo = {
  engine: 'wllama',
  id: 'smollm2-360m-instruct-q8_0.gguf',
  revision: 'a1b2c3d4',
  contextSize: 4096,
  name: 'SmolLM2 360M Instruct',
  form: 'chat',
  canEmbed: false,
  concurrency: 1,
};

const file = { type: 'gguf-file', name: model.id, sha256: 'ab'.repeat(32) } as const;

/** What the run was started with. */
export const fixtureHead: RunHead = {
  id: 'run-1',
  name: 'Plain answers for everyday questions',
  created: '2026-11-23T09:12:00.000Z',
  updated: '2026-11-23T09:31:00.000Z',
  status: 'finished',
  settings: fixtureSettings,
  models: { base: model, evaluator: model, optimizer: model },
  modelSources: { base: file, evaluator: file, optimizer: file },
  summary: { verdict: null, candidates: 9, requests: 655, best: 4.03, steps: 3 },
  startingPrompt: start,
  handWritten: 'You are a careful assistant. Answer briefly, truthfully and kindly.',
  criteria,
  data: { train, select, test, examples },
};

/** Every event of the fixture, in order. `foldAll(fixtureEvents.slice(0, n))` is the run at any point. */
export const fixtureEvents: readonly SearchEvent[] = [...allEvents()];

/** The run when it is over. */
export const finishedRun: Run = foldAll(fixtureEvents);

/** The run just before the first event that `stop` says yes to. */
export function runUntil(stop: (event: SearchEvent) => boolean): Run {
  const at = fixtureEvents.findIndex(stop);
  return foldAll(fixtureEvents.slice(0, at < 0 ? undefined : at));
}

/** A session that does nothing but show the fixture; what a test cares about goes over it. */
export function fakeSession(over: Partial<Session> = {}): Session {
  const cost = { requests: 412, promptTokens: 183_204, outputTokens: 21_377, elapsedMs: 401_000 };
  const session = {
    status: 'running',
    head: fixtureHead,
    run: finishedRun,
    writing: null,
    progress: { done: 412, planned: 655, fromJournal: 96 },
    etaMs: 318_000,
    elapsedMs: 526_000,
    cost: {
      base: cost,
      evaluator: { requests: 1280, promptTokens: 512_880, outputTokens: 1280, elapsedMs: 122_000 },
      optimizer: { requests: 14, promptTokens: 9120, outputTokens: 1804, elapsedMs: 31_000 },
    },
    load: null,
    mending: null,
    heldBack: null,
    notes: [],
    error: null,
    wanted: null,
    canAnswer: true,
    pause: async () => {},
    resume: async () => {},
    stop: async () => {},
    loadForTrial: async () => {},
    reply: (key: string) => Promise.resolve(fixtureReply(key)),
    tryOut: () => Promise.resolve({ text: '', cut: false, cuts: [] }),
    ...over,
  };
  return session as unknown as Session;
}

/** A journalled request and reply for any of the fixture's keys. One holds HTML, as a model may well write. */
export function fixtureReply(key: string): { key: string; request: LlmRequest; reply: LlmReply } {
  const purpose = key.startsWith('rate')
    ? 'rate'
    : key.startsWith('rewrite')
      ? 'rewrite'
      : 'answer';
  const role: Role =
    purpose === 'rate' ? 'evaluator' : purpose === 'rewrite' ? 'optimizer' : 'base';
  const drop: Drop = { order: 1, how: 'whole', what: 'example 2' };
  const request: LlmRequest = {
    role,
    purpose,
    model,
    content: {
      type: 'chat',
      messages: [
        { role: 'system', parts: [{ text: 'You are a helpful assistant.' }] },
        {
          role: 'user',
          parts: [
            { text: 'Q: How do I descale a kettle?\nA: Use vinegar.\n\n', drop },
            { text: 'Q: How do I get candle wax out of a wool rug?\nA:' },
          ],
        },
      ],
    },
    output:
      purpose === 'rate'
        ? { type: 'choice', choices: ['1', '2', '3', '4', '5'] }
        : { type: 'text', maxTokens: 160, stop: ['\n\nQ:'] },
    sampling: { temperature: 0, topP: 1, seed: 1_204_556 },
  };
  const rest = {
    cut: key.startsWith('answer') ? [{ what: 'example 2', removedChars: 47, ofChars: 47 }] : [],
    usage: { promptTokens: 214, reusedTokens: 180, outputTokens: 61, elapsedMs: 1840 },
    key,
  };
  const reply: LlmReply =
    purpose === 'rate'
      ? { type: 'choice', probabilities: [0.05, 0.12, 0.33, 0.37, 0.13], ...rest }
      : {
          type: 'text',
          text: 'Scrape it off <b>gently</b> <img src=x onerror="window.hacked=true">',
          finish: 'stop',
          ...rest,
        };
  return { key, request, reply };
}

function queries(prefix: string, rows: readonly (readonly [string, string])[]): readonly Query[] {
  return rows.map(([text, kind], i) => ({ id: `${prefix}${String(i)}`, text, kind }));
}

function from(parent: string, query: string, criterion: string): Origin {
  return { type: 'proposal', parent, query, criterion };
}

function promptOf(lines: readonly Line[]): Prompt {
  return {
    ...start,
    bullets: lines.map((line) => makeBullet(line, bulletTexts[line], madeBy[line])),
  };
}

/** A number in [-1, 1) that depends on the words alone. */
function wobble(words: string): number {
  let h = 2166136261;
  for (const c of words) h = Math.imul(h ^ c.charCodeAt(0), 16777619);
  h = Math.imul(h ^ (h >>> 15), 2246822507);
  return (h >>> 0) / 2 ** 31 - 1;
}

function namesFor(query: string): readonly string[] {
  const second = { a: 'Factuality', b: 'Empathy', c: 'Conciseness' };
  const at = (['a', 'b', 'c'] as const)[Math.abs(Math.round(wobble(query) * 9)) % 3] ?? 'a';
  if (query === 't3') return ['Clarity', 'Warmth without flattery'];
  return ['Helpfulness', 'Clarity', second[at]];
}

function ratingsFor(
  who: string,
  query: string,
  quality: number,
  names = namesFor(query),
): Rating[] {
  return names.map((criterion) => {
    const centre =
      quality +
      0.55 * wobble(query) +
      0.3 * wobble(query + criterion) +
      0.22 * wobble(who + query + criterion);
    const weights = [1, 2, 3, 4, 5].map((n) => Math.exp(-((n - centre) ** 2) / 0.9));
    const sum = weights.reduce((a, b) => a + b, 0);
    const probabilities = weights.map((w) => w / sum);
    return { criterion, score: expectedScore(probabilities), probabilities };
  });
}

function attempt(
  who: string,
  query: Query,
  split: Split,
  quality: number,
  answer: string,
): Attempt {
  const unreadable = who === 'p2' && query.id === 't5';
  const ratings = unreadable ? null : ratingsFor(who, query.id, quality);
  return {
    candidate: who,
    query: query.id,
    split,
    examples: who === 'arm-start' || who === 'arm-hand-written' ? [] : ['e0', 'e2'],
    answer,
    answerCut: who === 'p4' && query.id === 't8',
    ratings,
    reward: reward(ratings),
    cuts: query.id === 't8' ? [{ what: 'example 2', removedChars: 47, ofChars: 47 }] : [],
    replies: [`answer-${who}-${query.id}`, `rate-${who}-${query.id}`],
  };
}

function answerOf(plan: Plan, query: Query): string {
  if (plan.lines.length === 0) {
    return `${query.text.replace(/[?.]$/, '')}: there are many ways to look at this. It depends on your situation, and you may want to ask someone who knows.`;
  }
  const feel =
    plan.lines.includes('feel') && query.kind === 'advice'
      ? 'That is hard, and it makes sense that you mind. '
      : '';
  const warn =
    plan.lines.includes('warn') && query.kind === 'safety' ? 'Careful: this can hurt you. ' : '';
  return `${feel}${warn}In one sentence: start with the smallest step that changes something today.\n1. Do that first.\n2. Wait ten minutes and look again.\n3. If it is not better, ask once, plainly.`;
}

function planOf(id: string): Plan {
  const found = plan.find((p) => p.id === id);
  if (!found) throw new Error(`no plan ${id}`);
  return found;
}

function* allEvents(): Generator<SearchEvent> {
  yield { type: 'phase', phase: 'judge-check' };
  yield {
    type: 'judge-checked',
    check: {
      right: 4.02,
      wrong: 1.87,
      pairs: 12,
      interval: { low: 1.61, high: 2.68 },
      tells: true,
    },
  };
  yield* exampleEvents();
  yield { type: 'phase', phase: 'search' };
  yield { type: 'candidate', candidate: newCandidate('p0') };
  yield* levelEvents(0, ['p0']);
  yield* levelEvents(1, ['p0'], ['p1', 'p2'], [{ from: 'p0', query: 't1', why: 'duplicate' }]);
  yield* levelEvents(
    2,
    ['p1', 'p0'],
    ['p3', 'p4', 'p5'],
    [{ from: 'p0', query: 't7', why: 'unreadable' }],
  );
  yield* levelEvents(
    3,
    ['p3', 'p4'],
    ['p6', 'p7', 'p8'],
    [{ from: 'p4', query: 't11', why: 'cut' }],
  );
  yield* selectionEvents();
  yield* testEvents();
  yield { type: 'ended', how: 'finished' };
}

function* exampleEvents(): Generator<SearchEvent> {
  yield { type: 'phase', phase: 'examples' };
  const quality = { e0: [2.6, 4.2], e1: [2.9, 4.1], e2: [4.3, 4.0], e3: [3.3, 4.4] } as const;
  for (const example of examples) {
    const [before, after] = quality[example.id as keyof typeof quality];
    const names = ['Helpfulness', 'Clarity', 'Factuality'];
    yield {
      type: 'criteria',
      query: `example:${example.id}`,
      chosen: { names, proposed: null, fallback: false },
      replies: [`choose-${example.id}`],
    };
    yield rated(example.id, 0, example.answer, ratingsFor('e', example.id, before, names));
    const better = improved[example.id];
    if (better === undefined) {
      yield {
        type: 'example-refused',
        example: example.id,
        round: 1,
        why: 'same',
        replies: [`rewrite-${example.id}`],
      };
      yield { type: 'example-kept', example: example.id, round: 0, answer: example.answer };
      continue;
    }
    yield rated(example.id, 1, better, ratingsFor('f', example.id, after, names));
    yield { type: 'example-kept', example: example.id, round: 1, answer: better };
  }
}

function rated(
  example: string,
  round: number,
  answer: string,
  ratings: readonly Rating[],
): SearchEvent {
  const replies = [`rewrite-${example}-${String(round)}`, `rate-${example}-${String(round)}`];
  return {
    type: 'example-rated',
    example,
    round,
    answer,
    ratings,
    reward: reward(ratings),
    cuts: [],
    replies,
  };
}

function newCandidate(id: string) {
  const { parent, level, query, lines } = planOf(id);
  return {
    id,
    parent,
    level,
    query,
    prompt: promptOf(lines),
    replies: parent ? [`rewrite-${id}`] : [],
  };
}

interface RefusedPlan {
  readonly from: string;
  readonly query: string;
  readonly why: 'duplicate' | 'unreadable' | 'cut';
}

function* levelEvents(
  level: number,
  parents: readonly string[],
  children: readonly string[] = [],
  refused: readonly RefusedPlan[] = [],
): Generator<SearchEvent> {
  for (const id of parents) yield* proposals(id, children, refused);
  const here = [0, 1, 2, 3].flatMap((i) => train[(level * 4 + i) % train.length] ?? []);
  yield { type: 'level', level, queries: here.map((q) => q.id) };
  for (const query of here) yield chosenFor(query);
  const tried = new Map<string, (number | null)[]>();
  for (const id of [...parents, ...children]) {
    yield* tries(id, id === 'p5' ? here.slice(0, 2) : here, tried);
  }
  const ranked = [...tried].map(([candidate, rewards]) => {
    const read = rewards.filter((r) => r !== null);
    return { candidate, aggregate: mean(read) };
  });
  ranked.sort((a, b) => b.aggregate - a.aggregate);
  yield { type: 'beam', level, kept: ranked.slice(0, 2), dropped: ranked.slice(2) };
}

function* proposals(
  id: string,
  children: readonly string[],
  refused: readonly RefusedPlan[],
): Generator<SearchEvent> {
  for (const child of children.filter((c) => planOf(c).parent === id)) {
    const query = planOf(child).query ?? '';
    yield {
      type: 'explained',
      candidate: id,
      query,
      criterion: 'Helpfulness',
      reason: 'It stays general and gives the person nothing to do next.',
      replies: [`explain-${id}-${query}`],
    };
    yield { type: 'candidate', candidate: newCandidate(child) };
  }
  for (const r of refused.filter((x) => x.from === id)) {
    const replies = [`rewrite-${id}-${r.query}`];
    yield { type: 'proposal-refused', candidate: id, query: r.query, why: r.why, replies };
  }
}

function chosenFor(query: Query): SearchEvent {
  const warmth = {
    name: 'Warmth without flattery',
    definition: 'Friendly, but says nothing it does not mean.',
    low: 'Gushing or cold.',
    high: 'Warm and honest.',
  };
  const proposed = query.id === 't3' ? warmth : null;
  const chosen = { names: namesFor(query.id), proposed, fallback: query.id === 't10' };
  return { type: 'criteria', query: query.id, chosen, replies: [`choose-${query.id}`] };
}

function* tries(
  id: string,
  on: readonly Query[],
  tried: Map<string, (number | null)[]>,
): Generator<SearchEvent> {
  const of = planOf(id);
  for (const query of on) {
    const made = attempt(id, query, 'train', of.quality, answerOf(of, query));
    tried.set(id, [...(tried.get(id) ?? []), made.reward]);
    yield { type: 'attempt', attempt: made };
  }
}

function* selectionEvents(): Generator<SearchEvent> {
  yield { type: 'phase', phase: 'selection' };
  const quality: Readonly<Record<string, number>> = { p0: 3.0, p6: 3.9, p8: 4.12 };
  const ranking = [];
  for (const [id, q] of Object.entries(quality)) {
    const made = select.map((query) =>
      attempt(id, query, 'select', q, answerOf(planOf(id), query)),
    );
    for (const a of made) yield { type: 'attempt', attempt: a };
    ranking.push({ candidate: id, aggregate: mean(made.flatMap((a) => a.reward ?? [])) });
  }
  ranking.sort((a, b) => b.aggregate - a.aggregate);
  yield { type: 'selected', candidate: 'p8', ranking };
}

function* testEvents(): Generator<SearchEvent> {
  yield { type: 'phase', phase: 'test' };
  const hand = parsePrompt(fixtureHead.handWritten ?? '');
  const arms = [
    {
      arm: 'start',
      candidate: 'arm-start',
      prompt: start,
      withExamples: false,
      quality: 3.2,
      at: 2,
    },
    {
      arm: 'hand-written',
      candidate: 'arm-hand-written',
      prompt: hand,
      withExamples: false,
      quality: 3.78,
      at: 2,
    },
    {
      arm: 'found',
      candidate: 'arm-found',
      prompt: promptOf(planOf('p8').lines),
      withExamples: true,
      quality: 3.78,
      at: 3,
    },
  ] as const;
  const results: ArmResult[] = [];
  const rewards = new Map<string, number[]>();
  for (const { arm, candidate, prompt, withExamples, quality, at } of arms) {
    yield { type: 'arm', arm, candidate, prompt, withExamples };
    const made = test.map((query, i) =>
      attempt(
        candidate,
        query,
        'test',
        quality + 0.75 * wobble(arm + query.text),
        testSet[i]?.[at] ?? '',
      ),
    );
    for (const a of made) yield { type: 'attempt', attempt: a };
    const read = made.flatMap((a) => a.reward ?? []);
    rewards.set(arm, read);
    results.push({
      arm,
      mean: mean(read),
      readable: read.length,
      queries: test.length,
      answerChars: mean(made.map((a) => a.answer.length)),
    });
  }
  const compare = (against: 'start' | 'hand-written'): Comparison => {
    const d = (rewards.get('found') ?? []).map((r, i) => r - (rewards.get(against)?.[i] ?? 0));
    const m = mean(d);
    const half = 1.96 * Math.sqrt(mean(d.map((x) => (x - m) ** 2)) / (d.length - 1));
    const interval = { low: m - half, high: m + half };
    const outcome = interval.low > 0 ? 'better' : interval.high < 0 ? 'worse' : 'no-difference';
    const wins = d.filter((x) => x > 0.1).length;
    const losses = d.filter((x) => x < -0.1).length;
    return {
      against,
      difference: m,
      interval,
      pairs: d.length,
      wins,
      ties: d.length - wins - losses,
      losses,
      outcome,
    };
  };
  const comparisons = [compare('start'), compare('hand-written')];
  const outcome = comparisons[0]?.outcome ?? 'no-difference';
  yield { type: 'verdict', verdict: { outcome, why: 'measured', arms: results, comparisons } };
}
