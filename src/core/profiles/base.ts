import type { Criterion } from '../criteria.ts';
import { joinParts, type Part } from '../llm.ts';
import type { Ask, Evidence, Profile } from '../profile.ts';
import { promptText } from '../prompt.ts';
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
 * Plain text for base models, which only continue what they see: every purpose is a document that has begun, with worked
 * examples in the form that the continuation should take, and stop strings where the next section would start.
 */
export const base: Profile = {
  id: 'base',
  form: 'text',

  answer({ prompt, examples, query }) {
    const text = prompt ? promptText(prompt) : '';
    return {
      content: {
        type: 'text',
        parts: [
          ...(text === '' ? [] : [promptPart(text), keep('\n\n')]),
          ...examples.map((example, i) => ({
            text: `## Question\n${example.query}\n\n## Answer\n${example.answer}\n\n`,
            // The least similar example is the first to go.
            drop: droppable(dropOrder.example + examples.length - i, `example ${String(i + 1)}`),
          })),
          keep('## Question\n'),
          longText(query, dropOrder.query, 'the query'),
          keep('\n\n## Answer\n'),
        ],
      },
      stop: nextSection,
    };
  },

  chooseCriteria({ query, criteria, atLeast, atMost, propose }) {
    return document(
      [
        keep(
          `Before an answer is judged, the ${String(atLeast)} to ${String(atMost)} criteria that matter most for its question are picked from this list.\n`,
        ),
        ...listed(criteria),
        ...(propose
          ? [
              dropPart(
                'One that is missing may be added on a line of its own, as "New: name = meaning".\n',
                dropOrder.worked,
                'a remark',
              ),
            ]
          : []),
        ...choiceExamples(criteria).map((text, i) =>
          dropPart(text, dropOrder.worked + i, `worked example ${String(i + 1)}`),
        ),
        keep('\n## Question\n'),
        longText(query, dropOrder.query, 'the query'),
        keep('\n\n## Criteria\n'),
      ],
      ['\n\n', '\n##'],
    );
  },
  readChoice: readListedNames,

  rate({ query, answer, criterion, order, thought }) {
    return document(
      [
        ...ratingParts(thought !== undefined),
        ...judged(query, answer),
        keep('## Criterion\n'),
        ...described(criterion, order),
        ...(thought === undefined ? [] : [keep(`\n\n## Remark\n${thought}`)]),
        keep('\n\n## Rating\n'),
      ],
      ['\n'],
    );
  },

  think({ query, answer, criterion }) {
    return document(
      [
        ...ratingParts(true),
        ...judged(query, answer),
        keep('## Criterion\n'),
        ...described(criterion),
        keep('\n\n## Remark\n'),
      ],
      ['\n'],
    );
  },

  compare({ query, first, second }) {
    return document(
      [
        intro('Of two answers to a question, A and B, the better one is named.\n\n'),
        ...comparedExamples.map((text, i) =>
          dropPart(text, dropOrder.worked + i, `worked example ${String(i + 1)}`),
        ),
        keep('## Question\n'),
        longText(query, dropOrder.query, 'the query'),
        keep('\n\n## Answer A\n'),
        longText(first, dropOrder.answer, "the answer's middle"),
        keep('\n\n## Answer B\n'),
        longText(second, dropOrder.answer, "the answer's middle"),
        keep('\n\n## Better answer\n'),
      ],
      ['\n'],
    );
  },

  rateAll({ query, answer, criteria, order }) {
    return document(
      [
        intro(
          'Answers are rated from 1 (bad) to 5 (excellent) on several criteria, each with a reason.\n\n',
        ),
        dropPart(ratedAllExample, dropOrder.worked, 'the worked example'),
        ...judged(query, answer),
        keep('## Criteria\n'),
        ...criteria.flatMap((c) => [...described(c, order), keep('\n')]),
        keep('\n## Ratings\n'),
      ],
      nextSection,
    );
  },
  readRatings: readScoredLines,

  explain({ query, answer, criterion, score }) {
    return document(
      [
        intro('For each answer, one sentence says what a better answer would do differently.\n\n'),
        dropPart(explainedExample, dropOrder.worked, 'the worked example'),
        ...judged(query, answer),
        keep('## Criterion\n'),
        ...described(criterion),
        keep(`\n\n## Rating\n${score.toFixed(1)} of 5\n\n## A better answer would\n`),
      ],
      ['\n'],
    );
  },
  readReason: readSentence,

  rewrite({ prompt, former, evidence }) {
    return document(
      [
        intro(
          'Instructions for an assistant are improved step by step, from one answer and its criticism at a time.\n\n',
        ),
        dropPart(rewrittenExample, dropOrder.worked, 'the worked example'),
        ...former.map((f, i) =>
          dropPart(
            `## Former instructions\n${promptText(f.prompt)}\n\n`,
            dropOrder.former + i,
            `former prompt ${String(i + 1)}`,
          ),
        ),
        keep('## Instructions\n'),
        promptPart(promptText(prompt)),
        keep('\n\n'),
        ...evidenceParts(evidence),
        keep('## Better instructions\n'),
      ],
      nextSection,
    );
  },
  readPrompt: readPromptText,

  edit({ prompt, evidence, tried, count }) {
    return document(
      [
        intro(
          'Instructions for an assistant are improved line by line, from answers and their criticism. Each change is a line of its own: a new instruction, or one that takes the place of a numbered one.\n\n',
        ),
        dropPart(editedExample, dropOrder.worked, 'the worked example'),
        keep('## Instructions\n'),
        promptPart(promptText(numbered(prompt))),
        keep('\n\n'),
        ...evidence.flatMap((shown, i) =>
          i === 0
            ? evidenceParts(shown)
            : [{ text: joinParts(evidenceParts(shown)), drop: moreEvidence(i) }],
        ),
        ...(tried.length === 0
          ? []
          : [
              dropPart(
                `## Tried before\n${tried.map((line) => `- ${line}\n`).join('')}\n`,
                dropOrder.former,
                'lines tried before',
              ),
            ]),
        keep(`## ${String(count)} changes\n`),
      ],
      nextSection,
    );
  },
  readEdits: readEditLines,

  improve(evidence) {
    return document(
      [
        intro('Answers are rewritten so that their criticism no longer applies.\n\n'),
        dropPart(improvedExample, dropOrder.worked, 'the worked example'),
        ...evidenceParts(evidence),
        keep('## Better answer\n'),
      ],
      nextSection,
    );
  },
  readAnswer: readAnswerText,
};

const nextSection: readonly string[] = ['\n## ', '\n##', '\n\n\n'];

function document(parts: readonly Part[], stop: readonly string[]): Ask {
  return { content: { type: 'text', parts }, stop };
}

function judged(query: string, answer: string): Part[] {
  return [
    keep('## Question\n'),
    longText(query, dropOrder.query, 'the query'),
    keep('\n\n## Answer\n'),
    longText(answer, dropOrder.answer, "the answer's middle"),
    keep('\n\n'),
  ];
}

/** What comes before the answer that is to be rated; the worked examples have remarks where it will have one. */
function ratingParts(remarked: boolean): Part[] {
  return [
    intro('Answers are rated from 1 (bad) to 5 (excellent), on one criterion at a time.\n\n'),
    ...ratedExamples.map(({ judged: shown, remark, rating }, i) =>
      dropPart(
        `${shown}\n\n${remarked ? `## Remark\n${remark}\n\n` : ''}## Rating\n${rating}\n\n`,
        dropOrder.worked + i,
        `worked example ${String(i + 1)}`,
      ),
    ),
  ];
}

function evidenceParts({ query, answer, ratings }: Evidence): Part[] {
  return [...judged(query, answer), keep('## Criticism\n'), ...criticism(ratings), keep('\n')];
}

/** Worked choices name only criteria that are on the list, so that a person's own list is not contradicted. */
function choiceExamples(criteria: readonly Criterion[]): readonly string[] {
  const cases = [
    ['How do I get red wine out of a white shirt?', ['Helpfulness', 'Clarity', 'Conciseness']],
    [
      'My dog died this morning and I cannot stop crying.',
      ['Empathy', 'Helpfulness', 'Sensitivity'],
    ],
    ['Why do cats always land on their feet?', ['Factuality', 'Clarity', 'Depth']],
  ] as const;
  const known = new Set(criteria.map((c) => c.name));
  return cases.flatMap(([query, names]) => {
    const listed = names.filter((name) => known.has(name));
    return listed.length < 2
      ? []
      : [`\n## Question\n${query}\n\n## Criteria\n${listed.join(', ')}\n`];
  });
}

// The three examples show a good, a bad and a middling rating, so that no digit is the habitual one.
const ratedExamples: readonly {
  readonly judged: string;
  readonly remark: string;
  readonly rating: string;
}[] = [
  {
    judged:
      '## Question\nHow long do I boil an egg?\n\n## Answer\nSix minutes for a soft yolk and ten for a hard one, counted from when the water boils.\n\n## Criterion\nClarity: easy to follow.',
    remark: 'It gives both times and says from when to count, so nobody can get it wrong.',
    rating: '5',
  },
  {
    judged:
      '## Question\nWhat is the capital of Australia?\n\n## Answer\nIt is Sydney, as everybody knows.\n\n## Criterion\nFactuality: what it says is true.',
    remark: 'It is wrong, since the capital is Canberra, and it sounds sure of it.',
    rating: '1',
  },
  {
    judged:
      '## Question\nI failed my exam and feel useless.\n\n## Answer\nThat is a pity. You can take it again in spring.\n\n## Criterion\nEmpathy: it meets the feelings of the person.',
    remark: 'It has a word of sympathy, but passes over how the person feels.',
    rating: '3',
  },
];

// One that A wins and one that B wins, and the longer answer wins once.
const comparedExamples: readonly string[] = [
  '## Question\nHow long do I boil an egg?\n\n## Answer A\nSix minutes for a soft yolk and ten for a hard one, counted from when the water boils.\n\n## Answer B\nUntil it is done.\n\n## Better answer\nA\n\n',
  '## Question\nWhat is the capital of Australia?\n\n## Answer A\nIt is Sydney, as everybody knows, and a fine city it is, with its harbour and its opera house.\n\n## Answer B\nCanberra.\n\n## Better answer\nB\n\n',
];

const ratedAllExample =
  '## Question\nWhat is the capital of Australia?\n\n## Answer\nIt is Sydney, as everybody knows.\n\n## Criteria\nFactuality: what it says is true.\nConciseness: no longer than needed.\n\n## Ratings\n' +
  'Factuality: the capital is Canberra, not Sydney. Score: 1\nConciseness: one short sentence is enough here. Score: 5\n\n';

const explainedExample =
  '## Question\nI failed my exam and feel useless.\n\n## Answer\nYou can take it again in spring.\n\n## Criterion\nEmpathy: it meets the feelings of the person.\n\n## Rating\n2.0 of 5\n\n## A better answer would\nsay first that it is natural to feel low after a failed exam, and only then speak of spring.\n\n';

const rewrittenExample =
  '## Instructions\nYou are an assistant.\n- Answer the question.\n\n## Question\nI failed my exam and feel useless.\n\n## Answer\nYou can take it again in spring.\n\n## Criticism\n- Empathy: 2.0 of 5. It passes over how the person feels.\n\n## Better instructions\nYou are a warm and helpful assistant.\n- Answer the question.\n- When someone is sad or worried, say a kind word before you help.\n\n';

const editedExample =
  '## Instructions\nYou are an assistant.\n1. Answer the question.\n\n## Question\nI failed my exam and feel useless.\n\n## Answer\nYou can take it again in spring.\n\n## Criticism\n- Empathy: 2.0 of 5. It passes over how the person feels.\n\n## 2 changes\nAdd: When someone is sad or worried, say a kind word before you help.\nReplace 1: Answer the question, and say what to do first.\n\n';

const improvedExample =
  '## Question\nI failed my exam and feel useless.\n\n## Answer\nYou can take it again in spring.\n\n## Criticism\n- Empathy: 2.0 of 5. It passes over how the person feels.\n\n## Better answer\nI am sorry, that is a hard day. One exam says little about what you are worth. When you have had some rest, look at what went wrong: you can take it again in spring.\n\n';
