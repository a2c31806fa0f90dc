/**
 * npm run bench:cost -- [--seed N] [--depth N] [--block N] [--model FILE.gguf] [--replies set|own] [--json FILE]
 * What a rated answer costs in requests, tokens read and tokens decoded: under our protocol, and under the paper preset's on the same model
 * and the same answers. Prints both and which bars are met. The same seed gives the same figures.
 *
 * The run is stage 2 of the quick preset, played by the app's own code (`runSearch`, profiles, data) with answers of 128 tokens,
 * blocks of 8 queries (`--block`; the preset's own are smaller) and four levels at most (`--depth`), selection and weighing of bullets
 * included. Ours: one request a criterion, which reads the probabilities of 1 to 5; reasons only for weakest criteria of answers that a
 * rewrite is about to learn from. The paper preset's: `judgeAll` with its judge's settings, so that one written reply gives a reason and a
 * score for every criterion chosen for the query. In training the quick preset rates on fewer criteria than were chosen; the last line has
 * the ratio where writing is held to the same few. Answers, choices of criteria and rewrites are the same requests in both accounts.
 *
 * Decoded are the steps after a request's prefill: its first token comes out of the prefill, each further one takes a step, and so does the
 * end token. A rating by probabilities takes 0, a text of n tokens and its end n, an answer cut at 128 tokens 127. Decoded over answers
 * is the sum of all roles' steps over the tokens of the distinct answers. Equal requests are asked once, as with a run's journal. Prefilled
 * are the tokens of a prompt from where it differs from the request before: there is one cache, empty at each protocol's beginning.
 *
 * What is real: the requests with the texts of the profile for the model's form, the tokenizer, the reading of every token through
 * the model and its cache (`tools/serve-model`), every step of decoding. What is set (`--replies set`): the words. No model that
 * could write a judge's reply runs here in minutes, and only the lengths of replies count, so `writer.ts` says what the profile's format
 * asks for, as long as the profiles' own worked examples (a test holds them together): a reason of some 14 tokens in a written rating, of
 * some 28 where it is asked for alone, 2 to 5 names in a choice, a prompt or one line for each change in a rewrite. Ratings are drawn from
 * 2 to 4, so that no rewrite and no reason is saved. No criterion is proposed beyond the list. The limits would allow
 * far more than these lengths: 40 tokens and 48 a criterion in a written rating, 64 in a reason. Without `--model` the model is a small random one whose vocabulary
 * is learnt from the app's requests; the weights count for nothing as long as words are set.
 * With `--replies own` the words, ratings and criteria are those of the model of `--model`, in the profile its file names; only its
 * answers are made to go on to 128 tokens. That takes a model that knows the app's queries, and hours where it has a billion weights. The
 * built-in model has its own world and writes ratings without reasons: it runs here, but says nothing of either bar.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { figuresOf, linesOf } from './figures.ts';
import { costSettings, measure } from './measure.ts';
import { countingModel, loadModel } from './model.ts';

const { values: options } = parseArgs({
  options: {
    model: { type: 'string' },
    replies: { type: 'string', default: 'set' },
    seed: { type: 'string', default: '1' },
    depth: { type: 'string', default: '4' },
    block: { type: 'string', default: '8' },
    json: { type: 'string' },
  },
});

/** A whole number of at least 1 from the command line. */
function countOf(name: 'seed' | 'depth' | 'block'): number {
  const count = Number(options[name]);
  if (Number.isInteger(count) && count >= 1) return count;
  throw new Error(`--${name} is ${options[name]}. Give a whole number from 1 up.`);
}

function repliesOf(): 'set' | 'own' {
  const { replies, model } = options;
  if (replies === 'set' || (replies === 'own' && model !== undefined)) return replies;
  throw new Error(
    replies === 'own'
      ? '--replies own needs a model that can write. Name one with --model FILE.gguf.'
      : `--replies is ${replies}. Give set or own.`,
  );
}

const measured = await measure({
  model: options.model === undefined ? await countingModel() : loadModel(options.model),
  replies: repliesOf(),
  settings: costSettings({
    seed: countOf('seed'),
    depth: countOf('depth'),
    block: countOf('block'),
  }),
});
for (const line of linesOf(measured)) console.log(line);
if (options.json !== undefined) {
  writeFileSync(options.json, `${JSON.stringify(figuresOf(measured), null, 2)}\n`);
}
