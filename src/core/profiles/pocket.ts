import type { Part } from '../llm.ts';
import type { Ask, Evidence, Profile } from '../profile.ts';
import { maxBullets, normalise, promptText, type Prompt } from '../prompt.ts';
import type { Rating } from '../rating.ts';
import { edited, isNew, written } from './edits.ts';
import { dropOrder, droppable, dropPart, keep, longText, promptPart } from './parts.ts';
import { readAnswerText, readListedNames, readSentence } from './read.ts';

/**
 * Plain text in the form of the documents that the built-in model was trained on, to the letter. It knows its criteria by
 * name and needs no worked examples; a rewrite is one edit of the prompt: a bullet added, or one named by its number dropped or replaced.
 */
export const pocket: Profile = {
  id: 'pocket',
  form: 'text',

  answer({ prompt, examples, query }) {
    return document(
      [
        ...(prompt ? instructions(prompt) : []),
        ...examples.map((example, i) => ({
          text: `# Query\n${example.query}\n\n# Answer\n${example.answer}\n\n`,
          // The least similar example is the first to go.
          drop: droppable(dropOrder.example + examples.length - i, `example ${String(i + 1)}`),
        })),
        ...queried(query),
        keep('# Answer\n'),
      ],
      nextSection,
    );
  },

  chooseCriteria({ query }) {
    return document([...queried(query), keep('# Criteria\n')], endOfLine);
  },
  readChoice: readListedNames,

  rate({ query, answer, criterion }) {
    return document([...judged(query, answer), keep(`# ${criterion.name}\n`)], endOfLine);
  },

  rateAll({ query, answer, criteria }) {
    const names = criteria.map(({ name }) => name).join(', ');
    return document(
      [...judged(query, answer), keep(`# Criteria\n${names}\n\n# Ratings\n`)],
      endOfLine,
    );
  },

  readRatings(text, criteria) {
    const said = text.split('\n', 1)[0]?.split(',') ?? [];
    const ratings = criteria.map(({ name }): Rating | null => {
      const scores = said.flatMap((item) => scoreOf(item, name) ?? []);
      const [score] = scores;
      return score === undefined || scores.length > 1 ? null : { criterion: name, score };
    });
    return ratings.every((rating) => rating !== null) ? ratings : null;
  },

  explain({ query, answer, criterion, score }) {
    return document(
      [
        ...judged(query, answer),
        keep(`# ${criterion.name}\n${String(digit(score))}\n\n# Reason\n`),
      ],
      endOfLine,
    );
  },
  readReason: readSentence,

  rewrite({ prompt, evidence }) {
    return document(
      [...instructions(numbered(prompt)), ...evidenceParts(evidence), keep('# Edit\n')],
      endOfLine,
    );
  },
  readPrompt: readEdit,

  // Trained on one answer at a time, and on one change.
  edit({ prompt, evidence }) {
    const [weakest] = evidence;
    return document(
      [
        ...instructions(numbered(prompt)),
        ...(weakest ? evidenceParts(weakest) : []),
        keep('# Edit\n'),
      ],
      endOfLine,
    );
  },
  readEdits(text, prompt) {
    const made = readEdit(text, prompt);
    return made === null ? [] : [made];
  },

  improve(evidence) {
    return document([...evidenceParts(evidence), keep('# Better answer\n')], nextSection);
  },
  readAnswer: readAnswerText,
};

const nextSection: readonly string[] = ['\n\n#', '\n# '];
const endOfLine: readonly string[] = ['\n'];

function document(parts: readonly Part[], stop: readonly string[]): Ask {
  return { content: { type: 'text', parts }, stop };
}

/** The prompt's section; none for a prompt that says nothing. */
function instructions(prompt: Prompt): Part[] {
  const text = promptText(prompt);
  return text === '' ? [] : [keep('# Instructions\n'), promptPart(text), keep('\n\n')];
}

/** Each bullet with its number after it, by which an edit names it. */
function numbered(prompt: Prompt): Prompt {
  const bullets = prompt.bullets.map((bullet, i) => ({
    ...bullet,
    text: `${bullet.text.trimEnd()} #${String(i + 1)}`,
  }));
  return { ...prompt, bullets };
}

function queried(query: string): Part[] {
  return [keep('# Query\n'), longText(query, dropOrder.query, 'the query'), keep('\n\n')];
}

function judged(query: string, answer: string): Part[] {
  return [
    ...queried(query),
    keep('# Answer\n'),
    longText(answer, dropOrder.answer, "the answer's middle"),
    keep('\n\n'),
  ];
}

/** Ratings weakest first, and the reason of the weakest that has one: it is what an edit should mend. */
function evidenceParts({ query, answer, ratings }: Evidence): Part[] {
  const sorted = ratings.toSorted((a, b) => a.score - b.score);
  const rated = sorted.map((r) => `${r.criterion} ${String(digit(r.score))}`).join(', ');
  const reason = sorted.find((r) => r.reason !== undefined)?.reason;
  return [
    ...judged(query, answer),
    keep(`# Ratings\n${rated}\n\n`),
    ...(reason === undefined
      ? []
      : [dropPart(`# Reason\n${reason}\n\n`, dropOrder.reason, 'the reason')]),
  ];
}

/** A score as the digit it is nearest to. */
function digit(score: number): number {
  return Math.min(5, Math.max(1, Math.round(score)));
}

/** The score in "Clarity 4" if it is this criterion's, else null. */
function scoreOf(item: string, name: string): number | null {
  const [, said = '', score] = /^\s*(.+?)\s+([1-5])\s*\.?\s*$/.exec(item) ?? [];
  return score !== undefined && normalise(said) === normalise(name) ? Number(score) : null;
}

/**
 * The prompt with the edit done, in the layout of `promptText`. Null where the text is no edit, names a bullet that is not
 * there, says nothing or changes nothing. An edit of a locked line leaves the prompt as it is.
 */
function readEdit(text: string, prompt: Prompt): string | null {
  const said = text.trim();
  const bullets = prompt.bullets.map((bullet) => bullet.text.trim());
  const [, added] = /^add:[ \t]*(.+)$/i.exec(said) ?? [];
  if (added !== undefined) {
    const full = bullets.length >= maxBullets;
    return full || !isNew(added, bullets) ? null : written(prompt, [...bullets, added]);
  }
  const [, dropped] = /^drop:[ \t]*#?(\d+)[ \t.]*$/i.exec(said) ?? [];
  if (dropped !== undefined) {
    return edited(prompt, bullets, Number(dropped), (at) => bullets.toSpliced(at, 1));
  }
  const [, before, after] = /^swap:[ \t]*#?(\d+)[ \t]*=>[ \t]*(.+)$/i.exec(said) ?? [];
  if (before === undefined || after === undefined || !isNew(after, bullets)) return null;
  return edited(prompt, bullets, Number(before), (at) => bullets.with(at, after));
}
