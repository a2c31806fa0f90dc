import type { Criterion } from '../criteria.ts';
import type { Part } from '../llm.ts';
import type { Ask, Evidence, Profile } from '../profile.ts';
import { promptText } from '../prompt.ts';
import { dropOrder, droppable, keep, longText } from './parts.ts';
import {
  readAnswerText,
  readListedNames,
  readPromptText,
  readScoredLines,
  readSentence,
} from './read.ts';

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
          ...(text === '' ? [] : [keep(`${text}\n\n`)]),
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
        ...criteria.flatMap((c) => [
          keep(`- ${c.name}`),
          worked(`: ${c.definition}`, dropOrder.definition, 'what the criteria mean'),
          keep('\n'),
        ]),
        ...(propose
          ? [
              worked(
                'One that is missing may be added on a line of its own, as "New: name = meaning".\n',
                dropOrder.worked,
                'a remark',
              ),
            ]
          : []),
        ...choiceExamples(criteria).map((text, i) =>
          worked(text, dropOrder.worked + i, `worked example ${String(i + 1)}`),
        ),
        keep('\n## Question\n'),
        longText(query, dropOrder.query, 'the query'),
        keep('\n\n## Criteria\n'),
      ],
      ['\n\n', '\n##'],
    );
  },
  readChoice: readListedNames,

  rate({ query, answer, criterion }) {
    return document(
      [
        keep('Answers are rated from 1 (bad) to 5 (excellent), on one criterion at a time.\n\n'),
        ...ratedExamples.map((text, i) =>
          worked(text, dropOrder.worked + i, `worked example ${String(i + 1)}`),
        ),
        ...judged(query, answer),
        keep(`## Criterion\n${described(criterion)}\n\n## Rating\n`),
      ],
      ['\n'],
    );
  },

  rateAll({ query, answer, criteria }) {
    return document(
      [
        keep(
          'Answers are rated from 1 (bad) to 5 (excellent) on several criteria, each with a reason.\n\n',
        ),
        worked(ratedAllExample, dropOrder.worked, 'the worked example'),
        ...judged(query, answer),
        keep(`## Criteria\n${criteria.map(described).join('\n')}\n\n## Ratings\n`),
      ],
      nextSection,
    );
  },
  readRatings: readScoredLines,

  explain({ query, answer, criterion, score }) {
    return document(
      [
        keep('For each answer, one sentence says what a better answer would do differently.\n\n'),
        worked(explainedExample, dropOrder.worked, 'the worked example'),
        ...judged(query, answer),
        keep(
          `## Criterion\n${described(criterion)}\n\n## Rating\n${score.toFixed(1)} of 5\n\n## A better answer would\n`,
        ),
      ],
      ['\n'],
    );
  },
  readReason: readSentence,

  rewrite({ prompt, former, evidence }) {
    return document(
      [
        keep(
          'Instructions for an assistant are improved step by step, from one answer and its criticism at a time.\n\n',
        ),
        worked(rewrittenExample, dropOrder.worked, 'the worked example'),
        ...former.map((f, i) =>
          worked(
            `## Former instructions\n${promptText(f.prompt)}\n\n`,
            dropOrder.former + i,
            `former prompt ${String(i + 1)}`,
          ),
        ),
        keep(`## Instructions\n${promptText(prompt)}\n\n`),
        ...evidenceParts(evidence),
        keep('## Better instructions\n'),
      ],
      nextSection,
    );
  },
  readPrompt: readPromptText,

  improve(evidence) {
    return document(
      [
        keep('Answers are rewritten so that their criticism no longer applies.\n\n'),
        worked(improvedExample, dropOrder.worked, 'the worked example'),
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

function worked(text: string, order: number, what: string): Part {
  return { text, drop: droppable(order, what) };
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

function described(c: Criterion): string {
  return `${c.name}: ${c.definition} 1 means: ${c.low} 5 means: ${c.high}`;
}

function evidenceParts({ query, answer, ratings }: Evidence): Part[] {
  const lines = ratings.map(
    (r) =>
      `- ${r.criterion}: ${r.score.toFixed(1)} of 5.${r.reason === undefined ? '' : ` ${r.reason}`}\n`,
  );
  return [...judged(query, answer), keep(`## Criticism\n${lines.join('')}\n`)];
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
const ratedExamples: readonly string[] = [
  '## Question\nHow long do I boil an egg?\n\n## Answer\nSix minutes for a soft yolk and ten for a hard one, counted from when the water boils.\n\n## Criterion\nClarity: easy to follow.\n\n## Rating\n5\n\n',
  '## Question\nWhat is the capital of Australia?\n\n## Answer\nIt is Sydney, as everybody knows.\n\n## Criterion\nFactuality: what it says is true.\n\n## Rating\n1\n\n',
  '## Question\nI failed my exam and feel useless.\n\n## Answer\nThat is a pity. You can take it again in spring.\n\n## Criterion\nEmpathy: it meets the feelings of the person.\n\n## Rating\n3\n\n',
];

const ratedAllExample =
  '## Question\nWhat is the capital of Australia?\n\n## Answer\nIt is Sydney, as everybody knows.\n\n## Criteria\nFactuality: what it says is true.\nConciseness: no longer than needed.\n\n## Ratings\n' +
  'Factuality: the capital is Canberra, not Sydney. Score: 1\nConciseness: one short sentence is enough here. Score: 5\n\n';

const explainedExample =
  '## Question\nI failed my exam and feel useless.\n\n## Answer\nYou can take it again in spring.\n\n## Criterion\nEmpathy: it meets the feelings of the person.\n\n## Rating\n2.0 of 5\n\n## A better answer would\nsay first that it is natural to feel low after a failed exam, and only then speak of spring.\n\n';

const rewrittenExample =
  '## Instructions\nYou are an assistant.\n- Answer the question.\n\n## Question\nI failed my exam and feel useless.\n\n## Answer\nYou can take it again in spring.\n\n## Criticism\n- Empathy: 2.0 of 5. It passes over how the person feels.\n\n## Better instructions\nYou are a warm and helpful assistant.\n- Answer the question.\n- When someone is sad or worried, say a kind word before you help.\n\n';

const improvedExample =
  '## Question\nI failed my exam and feel useless.\n\n## Answer\nYou can take it again in spring.\n\n## Criticism\n- Empathy: 2.0 of 5. It passes over how the person feels.\n\n## Better answer\nI am sorry, that is a hard day. One exam says little about what you are worth. When you have had some rest, look at what went wrong: you can take it again in spring.\n\n';
