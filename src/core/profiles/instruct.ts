import { joinParts, type Message, type Part } from '../llm.ts';
import type { Ask, Evidence, Profile } from '../profile.ts';
import { promptText, type Prompt } from '../prompt.ts';
import { readEditLines } from './edits.ts';
import {
  criticism,
  intro,
  promptPart,
  described,
  dropOrder,
  droppable,
  dropPart,
  keep,
  listed,
  longText,
  moreEvidence,
  numbered,
} from './parts.ts';
import { readScoredLines } from './read-ratings.ts';
import { readAnswerText, readListedNames, readPromptText, readSentence } from './read.ts';

/**
 * Chat messages for instruction-tuned models. Each purpose has one fixed system message; what changes comes last, so
 * requests of one purpose share their beginning.
 */
export const instruct: Profile = {
  id: 'instruct',
  form: 'chat',

  answer({ prompt, examples, query }) {
    const text = prompt ? promptText(prompt) : '';
    const shown = examples.flatMap((example, i): Message[] => {
      // The least similar example is the first to go.
      const drop = droppable(dropOrder.example + examples.length - i, `example ${String(i + 1)}`);
      return [
        { role: 'user', parts: [{ text: example.query, drop }] },
        { role: 'assistant', parts: [{ text: example.answer, drop }] },
      ];
    });
    return chat([
      ...(text === '' ? [] : [message('system', [promptPart(text)])]),
      ...shown,
      message('user', [longText(query, dropOrder.query, 'the query')]),
    ]);
  },

  chooseCriteria({ query, criteria, atLeast, atMost, propose }) {
    return chat([
      message('system', [
        intro(
          'You decide what matters when an answer to a question is judged. ' +
            'You are given a list of criteria and a question, and you pick the criteria that matter most for it.',
        ),
      ]),
      message('user', [
        keep('Criteria:\n'),
        ...listed(criteria),
        keep('\nQuestion:\n'),
        longText(query, dropOrder.query, 'the query'),
        keep(
          `\n\nWhich ${String(atLeast)} to ${String(atMost)} of these criteria matter most for a good answer to this question? ` +
            'Reply with their names only, separated by commas.' +
            (propose
              ? ' If something important is not on the list, add one line: New: name = what it means.'
              : ''),
        ),
      ]),
    ]);
  },
  readChoice: readListedNames,

  rate({ query, answer, criterion, order, thought }) {
    const wanted = 'Rate the answer on this criterion alone. Reply with one digit from 1 to 5.';
    if (thought === undefined) {
      return chat([
        ...judged(query, answer),
        message('user', [...described(criterion, order), keep(`\n\n${wanted}`)]),
      ]);
    }
    return chat([
      ...judged(query, answer),
      message('user', [...described(criterion, order), keep(thinking)]),
      message('assistant', [keep(thought)]),
      message('user', [keep(wanted)]),
    ]);
  },

  think({ query, answer, criterion }) {
    return chat([
      ...judged(query, answer),
      message('user', [...described(criterion), keep(thinking)]),
    ]);
  },

  compare({ query, first, second }) {
    return chat([
      message('system', [
        intro(
          'You are a strict and fair judge of answers. You compare two answers to the same question, and their order means nothing.',
        ),
      ]),
      message('user', [
        keep('Question:\n'),
        longText(query, dropOrder.query, 'the query'),
        keep('\n\nAnswer A:\n'),
        longText(first, dropOrder.answer, "the answer's middle"),
        keep('\n\nAnswer B:\n'),
        longText(second, dropOrder.answer, "the answer's middle"),
        keep('\n\nWhich answer is better for the person who asked? Reply with one letter, A or B.'),
      ]),
    ]);
  },

  rateAll({ query, answer, criteria, order }) {
    return chat([
      ...judged(query, answer),
      message('user', [
        ...criteria.flatMap((c) => [...described(c, order), keep('\n')]),
        keep(
          `\nRate the answer on each of these criteria. For each write one line: ` +
            'its name, a colon, your reason in one short sentence, then "Score:" and a digit from 1 to 5. For example:\n' +
            `${criteria[0]?.name ?? 'Clarity'}: the second step contradicts the first. Score: 2`,
        ),
      ]),
    ]);
  },
  readRatings: readScoredLines,

  explain({ query, answer, criterion, score }) {
    return chat([
      ...judged(query, answer),
      message('user', [
        ...described(criterion),
        keep(
          `\n\nThis answer was rated ${score.toFixed(1)} of 5 on this criterion. ` +
            'In one sentence, say what a better answer would do differently.',
        ),
      ]),
    ]);
  },
  readReason: readSentence,

  rewrite({ prompt, former, evidence, maxBullets }) {
    const formerParts = former.map((f, i) =>
      dropPart(
        `A former version${f.reward === null ? '' : `, rated ${f.reward.toFixed(1)}`}:\n${promptText(f.prompt)}\n\n`,
        dropOrder.former + i,
        `former prompt ${String(i + 1)}`,
      ),
    );
    return chat([
      message('system', [
        intro(
          'You improve the instructions (system prompt) of a language model, so that it answers all kinds of questions better. ' +
            'You learn from one answer and its criticism, but you write instructions that help with other questions too.',
        ),
      ]),
      message('user', [
        ...formerParts,
        keep('The instructions now:\n'),
        promptPart(promptText(prompt)),
        keep('\n\n'),
        ...evidenceParts(evidence),
        keep('\nWrite better instructions. '),
        intro(
          'Keep what works, change or add at most two lines, contradict nothing, and mention no details of this question. ',
        ),
        keep(
          `Start with one or two opening sentences that say who the model is, then at most ${String(maxBullets)} lines that each start with "- ".` +
            lockedNote(prompt) +
            ' Reply with the instructions only.',
        ),
      ]),
    ]);
  },
  readPrompt: readPromptText,

  edit({ prompt, evidence, tried, count, maxBullets: most }) {
    const full = prompt.bullets.length >= most;
    return chat([
      message('system', [
        intro(
          'You improve the instructions (system prompt) of a language model one line at a time. You learn from answers and their criticism, but each line you write must help with all kinds of questions.',
        ),
      ]),
      message('user', [
        keep('The instructions now:\n'),
        promptPart(promptText(numbered(prompt))),
        keep('\n\n'),
        ...evidence.flatMap((shown, i) => {
          const parts = [keep(i === 0 ? '' : '\n'), ...evidenceParts(shown)];
          return i === 0 ? parts : [{ text: joinParts(parts), drop: moreEvidence(i) }];
        }),
        ...(tried.length === 0
          ? []
          : [
              dropPart(
                `\nTried before, so write none of these again:\n${tried.map((line) => `- ${line}\n`).join('')}`,
                dropOrder.former,
                'lines tried before',
              ),
            ]),
        keep(
          `\nSuggest ${String(count)} different changes, one on each line, in these forms:\n` +
            (full ? '' : 'Add: a new instruction\n') +
            (prompt.bullets.length === 0 ? '' : 'Replace 1: a better instruction for number 1\n') +
            (prompt.bullets.length < 2 ? '' : 'Merge 1 and 2: one instruction for both\n') +
            'Each instruction is one plain sentence that says what to do, and mentions no details of these questions. Reply with the changes only.',
        ),
      ]),
    ]);
  },
  readEdits: readEditLines,

  improve(evidence) {
    return chat([
      message('system', [
        intro(
          'You rewrite answers so that they become model answers: honest, kind, clear and no longer than needed.',
        ),
      ]),
      message('user', [
        ...evidenceParts(evidence),
        keep(
          '\nRewrite the answer so that the criticism no longer applies and what was good stays. ' +
            'Reply with the new answer only.',
        ),
      ]),
    ]);
  },
  readAnswer: readAnswerText,
};

const thinking =
  '\n\nBefore you rate it: in one short sentence, say what is good and what is missing in the answer on this criterion alone.';

function chat(messages: readonly Message[]): Ask {
  return { content: { type: 'chat', messages: mergeTurns(messages) }, stop: [] };
}

/** Chat templates want turns to alternate: neighbours of one role become one message. */
function mergeTurns(messages: readonly Message[]): readonly Message[] {
  return messages.reduce<readonly Message[]>((merged, next) => {
    const last = merged.at(-1);
    if (last?.role !== next.role) return [...merged, next];
    const joined = { role: next.role, parts: [...last.parts, keep('\n\n'), ...next.parts] };
    return [...merged.slice(0, -1), joined];
  }, []);
}

function message(role: Message['role'], parts: readonly Part[]): Message {
  return { role, parts };
}

/** The shared beginning of every request that judges one answer. */
function judged(query: string, answer: string): readonly Message[] {
  return [
    message('system', [
      intro(
        'You are a strict and fair judge of answers. You rate from 1 (bad) to 5 (excellent) and give a 5 only where nothing is missing.',
      ),
    ]),
    message('user', [
      keep('Question:\n'),
      longText(query, dropOrder.query, 'the query'),
      keep('\n\nAnswer:\n'),
      longText(answer, dropOrder.answer, "the answer's middle"),
    ]),
  ];
}

function evidenceParts({ query, answer, ratings }: Evidence): Part[] {
  return [
    keep('Question:\n'),
    longText(query, dropOrder.query, 'the query'),
    keep('\n\nAnswer:\n'),
    longText(answer, dropOrder.answer, "the answer's middle"),
    keep('\n\nCriticism:\n'),
    ...criticism(ratings),
  ];
}

function lockedNote(prompt: Prompt): string {
  const locked = [
    ...(prompt.openingLocked ? [prompt.opening] : []),
    ...prompt.bullets.filter((b) => b.locked).map((b) => `- ${b.text}`),
  ];
  return locked.length === 0 ? '' : ` Keep these lines word for word:\n${locked.join('\n')}\n`;
}
