// npm run pocket:queries: writes src/data/pocket.json, the questions, examples and prompts that the app offers with the model.
import { writeFileSync } from 'node:fs';
import { write } from './answers.ts';
import { Dice } from './dice.ts';
import { promptOf } from './documents.ts';
import { partsFor } from './policy.ts';
import {
  about,
  drawInside,
  kinds,
  openings,
  wordingsOf,
  type Behaviour,
  type Inside,
} from './world.ts';

/** Questions of each split; one of every kind in each six, since a search takes them in blocks from the front. */
const sizes = { train: 60, select: 36, test: 120 } as const;
const exampleCount = 12;

/** What a careful person would ask for who has not seen what it does: each helps some kinds and hurts others. */
const byHand: readonly Behaviour[] = ['direct', 'refuse', 'limits', 'empathy', 'steps'];

/** The starting examples are right but plain: there is something to improve, and a judge can tell them from answers to other questions. */
const plainly: readonly Behaviour[] = ['refuse', 'limitsLive', 'honest'];

const dice = new Dice(2026);
const taken = new Set<string>();

/** A question that no other split holds; half of the test questions are worded as in no training document. */
function draw(i: number, split: keyof typeof sizes | 'examples'): Inside {
  const kind = kinds[(i + Math.floor(i / kinds.length)) % kinds.length];
  const isNew = split === 'test' && Math.floor(i / kinds.length) % 2 === 1;
  for (;;) {
    const query = drawInside(dice, { phrasings: isNew ? 'held-out' : 'seen', pairs: 'seen' }, kind);
    const matter = `${query.topic.noun} ${query.kind}`;
    if (taken.has(matter)) continue;
    taken.add(matter);
    return query;
  }
}

function queriesOf(split: keyof typeof sizes) {
  return Array.from({ length: sizes[split] }, (_, i) => {
    const { text, kind } = draw(i, split);
    return { id: `pocket-${split}-${String(i + 1).padStart(3, '0')}`, text, kind };
  });
}

const opening = openings[0] ?? '';
const data = {
  about,
  queries: { train: queriesOf('train'), select: queriesOf('select'), test: queriesOf('test') },
  examples: Array.from({ length: exampleCount }, (_, i) => {
    const query = draw(i, 'examples');
    const answer = write(query, partsFor(query.kind, plainly), dice);
    return { id: `pocket-example-${String(i + 1).padStart(2, '0')}`, query: query.text, answer };
  }),
  start: opening,
  handWritten: promptOf(
    opening,
    byHand.map((behaviour) => wordingsOf(behaviour, 'seen')[0] ?? ''),
  ),
};
writeFileSync('src/data/pocket.json', `${JSON.stringify(data, null, 2)}\n`);
