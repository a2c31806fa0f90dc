/** The words of the lesson, each explained where it is first used and in print below its step. */
export const terms = {
  'language model':
    'A program that continues a text: after each bit it says how likely every possible next bit is.',
  'system prompt':
    'Text that stands before every question and tells the model how to answer. The person who asks need not see it.',
  DRPO: 'Dynamic Rewarding with Prompt Optimization: a model searches for the prompt that makes its own answers better, without any training.',
  judge:
    'The model in the role of a rater: it reads a query and an answer and says how good the answer is. The paper calls it the evaluator.',
  query: 'One question or request put to the model.',
  criteria:
    'What an answer can be rated on, such as Clarity or Safety. One of them is a criterion.',
  probability: 'How likely something is: from 0 %, never, to 100 %, always.',
  'expected value':
    'The mean one would get in the long run: each value times its probability, all added up.',
  spread:
    'The standard deviation of the judge’s probabilities: 0 where it is sure, 2 where it is torn between 1 and 5.',
  reward: 'How good an answer is as a whole: the mean of its ratings, from 1 to 5.',
  'in-context learning':
    'A model takes up a pattern from examples in its prompt. Nothing in the model itself changes.',
  BM25: 'A measure from search engines: texts are near each other where they share words, and rare words count more.',
  optimizer: 'The model in the role of an editor: it proposes changes to the prompt.',
  criticism: 'A sentence in which the judge says what is wrong with an answer.',
  candidate: 'A prompt that the search tries. P0, the first, is the starting prompt.',
  beam: 'The few best prompts of a level, from which the search goes on. Their number is its width.',
  block: 'A few queries that all candidates of a level answer, so that none meets easier ones.',
  'test queries':
    'Queries that are kept apart until the end. Nothing was tried on them or chosen by them.',
  'paired difference':
    'The rating of one prompt’s answer less that of the other’s, to the same query. Hard queries then weigh on neither.',
  bootstrap:
    'A way to see how much a mean owes to chance: draw again from one’s own data, with repeats, many times.',
  interval:
    'The 95 % interval: a range found in such a way that, in about 95 of 100 such tests, it holds the true difference.',
} as const;

export type TermName = keyof typeof terms;
