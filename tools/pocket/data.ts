// npm run pocket:data -- [--documents N] [--seed S] [--out DIR]: writes the vocabulary and the training documents.
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { Dice } from './dice.ts';
import { drawDocument } from './documents.ts';
import { encodeDocument } from './encode.ts';
import { markGroups, type MarkGroup } from './marks.ts';
import { Encoder, trainVocabulary, vocabularySchema, type Vocabulary } from './tokenizer.ts';
import { behaviours, kinds, topics, wordingsOf, insideQuery } from './world.ts';

const vocabularySize = 2048;
const textsForVocabulary = 12_000;

const { values } = parseArgs({
  options: {
    documents: { type: 'string', default: '300000' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string', default: 'pocket-data' },
  },
});
const count = Number(values.documents);
const seed = Number(values.seed);
if (!Number.isInteger(count) || count < 1 || !Number.isInteger(seed)) {
  throw new Error('Usage: npm run pocket:data -- [--documents N] [--seed S] [--out DIR]');
}
mkdirSync(values.out, { recursive: true });

const vocabulary = readVocabulary() ?? trainVocabulary(vocabularyTexts(), vocabularySize);
writeFileSync(join(values.out, 'vocabulary.json'), JSON.stringify(vocabulary));
writeFileSync(join(values.out, 'marks.json'), JSON.stringify(markGroups));
const tokens = await writeDocuments(new Encoder(vocabulary));
console.log(
  `${String(count)} documents, ${(tokens / 1e6).toFixed(1)} M tokens, ${String(vocabulary.tokens.length)} in the vocabulary: ${values.out}`,
);

/** The vocabulary that is there already: what was trained on it can go on with new documents. */
function readVocabulary(): Vocabulary | null {
  const path = join(values.out, 'vocabulary.json');
  if (!existsSync(path)) return null;
  return v.parse(vocabularySchema, JSON.parse(readFileSync(path, 'utf8')));
}

/** Documents, and all words of the world beside them, those of held-out pairs too: only what is said of them is held out. */
function vocabularyTexts(): readonly string[] {
  const dice = new Dice(0);
  const documents = Array.from({ length: textsForVocabulary }, () =>
    drawDocument(dice)
      .map((stretch) => stretch.text)
      .join(''),
  );
  const queries = topics.flatMap((topic) =>
    kinds.map((kind) => insideQuery(topic, kind, 0, 0).text),
  );
  const bullets = behaviours.flatMap((b) => wordingsOf(b, 'seen'));
  return [...documents, ...queries, ...queries, ...bullets, ...bullets];
}

/**
 * Writes token ids, what is to be said after each, its weight, where documents begin, and the marks: place of a token, of a group in
 * `marks.json`, and bits. Returns how many tokens there are.
 */
async function writeDocuments(encoder: Encoder): Promise<number> {
  const dice = new Dice(seed);
  const open = (name: string) => createWriteStream(join(values.out, name));
  const files = {
    ids: open('ids.u16'),
    labels: open('labels.u16'),
    weights: open('weights.u8'),
    starts: open('starts.u32'),
    marks: open('marks.u32'),
  };
  const groups = Object.keys(markGroups) as MarkGroup[];
  let total = 0;
  for (let i = 0; i < count; i++) {
    const { ids, labels, weights, marks } = encodeDocument(encoder, drawDocument(dice));
    files.starts.write(Buffer.from(Uint32Array.of(total).buffer));
    files.ids.write(Buffer.from(Uint16Array.from(ids).buffer));
    files.labels.write(Buffer.from(Uint16Array.from(labels).buffer));
    const isFull = !files.weights.write(Buffer.from(Uint8Array.from(weights).buffer));
    const marked = marks.flatMap((m) => [total + m.token, groups.indexOf(m.group), m.bits]);
    files.marks.write(Buffer.from(Uint32Array.from(marked).buffer));
    total += ids.length;
    if (isFull) await once(files.weights, 'drain');
  }
  files.starts.write(Buffer.from(Uint32Array.of(total).buffer));
  await Promise.all(
    Object.values(files).map(
      (file) =>
        new Promise<void>((resolve) =>
          file.end(() => {
            resolve();
          }),
        ),
    ),
  );
  return total;
}
