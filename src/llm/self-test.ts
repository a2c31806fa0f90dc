import { DrpoError } from '../core/errors.ts';
import type { Ask } from '../core/profile.ts';
import type { Content, Llm, LlmReply, LlmRequest, Output } from '../core/llm.ts';
import { profileFor } from '../core/profiles/index.ts';

/** What is wrong with what a model says: nothing at all, no text, one thing over and over, no English, or no opinion. */
export type Trouble = 'empty' | 'not-text' | 'repeats' | 'no-language' | 'uniform';

/** Whether a loaded model writes language; if not, what was seen, and a sentence that says so and what to do. */
export type SelfTest =
  { readonly ok: true } | { readonly ok: false; readonly why: Trouble; readonly sentence: string };

const goldenTokens = 24;

/** Beginnings of texts that every model of English goes on with in English. */
const beginnings = [
  'Once upon a time, there was a little',
  'The cat and the dog were friends. One day, they went to the',
];

const questions = ['Write one short sentence about a cat.', 'What do people use a spoon for?'];

/**
 * Asks a loaded model for a little text, and for one choice, and looks whether it is language: some graphics drivers compute
 * nonsense where memory is short, and so do weights converted for another library. Needs some 24 tokens, or 48 where the
 * first text looks wrong: a small model may slip once. Rejects as the port does.
 */
export async function selfTest(llm: Llm, signal?: AbortSignal): Promise<SelfTest> {
  const ask = (content: Content, output: Output): Promise<LlmReply> =>
    llm.ask(requestTo(llm, content, output), signal ? { signal } : {});
  const heard: { readonly trouble: Trouble; readonly text: string }[] = [];
  for (const { content, stop } of asksFor(llm)) {
    const reply = await ask(content, { type: 'text', maxTokens: goldenTokens, stop });
    const text = reply.type === 'text' ? reply.text : '';
    const trouble = troubleIn(text);
    if (trouble === null) break;
    heard.push({ trouble, text });
  }
  const [first, second] = heard;
  if (first && second) return failed(llm, first.trouble, first.text);
  const probabilities = await choose(llm, ask);
  return isUniform(probabilities) ? failed(llm, 'uniform', '') : { ok: true };
}

/** What is asked for a little text: a model whose file names its own profile knows documents of that form only. */
function asksFor(llm: Llm): readonly Ask[] {
  if (llm.info.profile !== undefined) {
    const profile = profileFor(llm.info);
    return questions.map((query) => profile.answer({ prompt: null, examples: [], query }));
  }
  const prompts = llm.info.form === 'chat' ? questions : beginnings;
  return prompts.map((prompt) => ({ content: contentOf(llm, prompt), stop: [] }));
}

/** Probabilities of five digits; none where the model has no single token for one of them, which is no fault of this kind. */
async function choose(
  llm: Llm,
  ask: (content: Content, output: Output) => Promise<LlmReply>,
): Promise<readonly number[]> {
  const prompt =
    llm.info.form === 'chat'
      ? 'How many legs does a bird have? Answer with one digit.'
      : 'Question: How many legs does a bird have?\nAnswer (one digit): ';
  try {
    const output = { type: 'choice', choices: ['1', '2', '3', '4', '5'] } as const;
    const reply = await ask(contentOf(llm, prompt), output);
    // A server may list no digit among the likeliest words: that is no sign of how they compare.
    const told = reply.type === 'choice' && reply.lostMass !== 1;
    return told ? reply.probabilities : [];
  } catch (error) {
    if (error instanceof DrpoError && error.code === 'settings-invalid') return [];
    throw error;
  }
}

// Of a model that works the likeliest of five digits is always a good deal above the least likely.
const leastSpread = 1.02;

/** Whether probabilities say nothing: all alike, or no numbers at all. */
export function isUniform(probabilities: readonly number[]): boolean {
  if (probabilities.length === 0) return false;
  if (!probabilities.every((p) => Number.isFinite(p))) return true;
  return Math.max(...probabilities) < leastSpread * Math.min(...probabilities);
}

/** What is wrong with a text of some 24 tokens that an English prompt was answered with; null if it looks like English. */
export function troubleIn(text: string): Trouble | null {
  const said = text.trim();
  if (said === '') return 'empty';
  if (isNotText(said)) return 'not-text';
  if (isRepetition(said)) return 'repeats';
  return isLanguage(said) ? null : 'no-language';
}

/** Control and private characters, and bytes that are no characters: the last may be half of one that was cut. */
function isNotText(text: string): boolean {
  const whole = text.replace(/\ufffd+$/u, '');
  return whole === '' || /[\p{Co}\p{Cs}\ufffd]|(?![\t\n\r])\p{Cc}/u.test(whole);
}

const longestUnit = 12;
const leastRepeats = 4;

/** Whether most of a text is one piece of up to 12 characters over and over: `!!!!!!`, `the the the the`, `abcabcabcabc`. */
function isRepetition(text: string): boolean {
  for (let unit = 1; unit <= longestUnit; unit++) {
    let run = 0;
    for (let i = unit; i < text.length; i++) {
      run = text[i] === text[i - unit] ? run + 1 : 0;
      const length = run + unit;
      if (length >= unit * leastRepeats && length >= 8 && length >= 0.6 * text.length) return true;
    }
  }
  return false;
}

const commonWords = new Set(
  (
    'an the and or but of to in on at for with from by as is are was were be been has have had do does did not no ' +
    'it its he she they them his her their you we my your our me him us this that these those there one two some all ' +
    'who what when where how which can could will would very so up out said went play cat cats dog spoon food people'
  ).split(' '),
);

// So few words may all be rare ones, as in “Kittens purr softly.”
const fewWords = 5;
const plausible = /^(\p{Lu}?\p{Ll}+|\p{Lu}+)$/u;
const vowel = /[aeiouy]/i;

/** Whether a text looks like English: letters for the most part, Latin ones, with some of the words no English goes without. */
function isLanguage(text: string): boolean {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const latin = text.match(/\p{Script=Latin}/gu)?.length ?? 0;
  const visible = text.match(/\S/gu)?.length ?? 0;
  if (letters < 0.5 * visible || latin < 0.8 * letters) return false;
  const words = text.match(/[\p{L}\p{M}]+/gu) ?? [];
  if (words.length <= fewWords) {
    return (
      words.every((w) => plausible.test(w) && vowel.test(w)) && words.some((w) => w.length >= 3)
    );
  }
  const common = words.filter((w) => commonWords.has(w.toLowerCase())).length;
  return common >= 0.1 * words.length;
}

function failed(llm: Llm, why: Trouble, text: string): SelfTest {
  return { ok: false, why, sentence: `${seen(llm.info.name, why, text)} ${remedy}` };
}

const remedy =
  'Its answers would mean nothing: load it again, with less else open; if it stays so, take another model, or the same one in another precision (f32 for f16) or as a GGUF file.';

function seen(name: string, why: Trouble, text: string): string {
  const sample = JSON.stringify(text.trim().slice(0, 40));
  switch (why) {
    case 'empty':
      return `Asked for a sentence, ${name} wrote nothing.`;
    case 'not-text':
      return `Asked for a sentence, ${name} wrote bytes that are no text.`;
    case 'repeats':
      return `Asked for a sentence, ${name} wrote one thing over and over (${sample}).`;
    case 'no-language':
      return `Asked for a sentence, ${name} wrote no English (${sample}).`;
    case 'uniform':
      return `Asked for a digit, ${name} found all of them alike.`;
  }
}

function contentOf({ info }: Llm, text: string): Content {
  const parts = [{ text }];
  return info.form === 'text'
    ? { type: 'text', parts }
    : { type: 'chat', messages: [{ role: 'user', parts }] };
}

function requestTo({ info }: Llm, content: Content, output: Output): LlmRequest {
  const { engine, id, revision, contextSize } = info;
  return {
    role: 'base',
    purpose: 'answer',
    model: { engine, id, revision, contextSize },
    content,
    output,
    sampling: { temperature: 0, topP: 1, seed: 1_234_567 },
  };
}
