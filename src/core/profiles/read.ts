import type { Choice } from '../profile.ts';

const newCriterion =
  /(?:^|\n)[ \t*-]*new(?: criterion)?[ \t*]*:[ \t*]*([^=:\n]{2,40}?)[ \t*]*[=:][ \t*]*(\S[^\n]{3,300})/i;

/**
 * What may be names of criteria, separated by commas, lines or "and", and at most one line "New: name = definition". More
 * than is meant may be among the names, since those that are not on the list are dropped. Null where there is none at all.
 */
export function readListedNames(text: string): Choice | null {
  const found = newCriterion.exec(text);
  const rest = found ? text.replace(found[0], '\n') : text;
  const names = rest.split(/[,;\n]/).flatMap(namesIn);
  const [, name, definition] = found ?? [];
  // Small models repeat the form itself, or fill it in to say that there is nothing.
  const isNew = name !== undefined && !/^(?:name|none|no|n\/a)$/i.test(name);
  const proposed = isNew && definition ? { name, definition: definition.trim() } : null;
  return names.length === 0 && !proposed ? null : { names, proposed };
}

/** "A: why" is a name with a reason or names after an announcement, and "A and B" one name or two: each is offered. */
function namesIn(chunk: string): readonly string[] {
  return chunk.split(':').flatMap((side) => {
    const name = bare(side.replace(/\s[-–—]\s.*$|\(.*$/, ''));
    const several = name.split(/\s+(?:and|und)\s+|\s*&\s*/i).map(bare);
    return [name, ...(several.length > 1 ? several : [])].filter(
      (n) => /\p{L}/u.test(n) && n.length <= 40,
    );
  });
}

/** Without list marks, emphasis, quotes, brackets and a leading "and". */
function bare(name: string): string {
  return name
    .replace(/^[\s\-*•#>[("'“‘`\d.)]+/, '')
    .replace(/^(?:and|und)\s+/i, '')
    .replace(/[\s.*"'”’`\])]+$/, '');
}

/** A line that only says what comes next ("Sure! Here is one sentence:"). */
function announces(line: string): boolean {
  return /^(?:here|sure|certainly|absolutely|okay|ok|of course)\b.*:\**$/i.test(line);
}

/** The first sentence-like line, without a leading label, list mark or quotes; null if it holds no word. */
export function readSentence(text: string): string | null {
  const line = text
    .split('\n')
    .map((l) =>
      l
        .replace(/\*\*|__/g, '')
        .replace(/^[\s\-*•>#]+/, '')
        .trim(),
    )
    .filter((l) => !announces(l))
    .map((l) => l.replace(/^(?:reason|explanation|criticism|suggestion|feedback)\s*:\s*/i, ''))
    .map((l) => l.replace(/^["“]([^"“”]*)["”]?$/, '$1'))
    .find((l) => /\p{L}{2}/u.test(l));
  return line === undefined ? null : line.slice(0, 400);
}

const announcedAnswer =
  /^(?:here|sure|certainly|okay|of course)\b[^\n]*\b(?:answer|response|version|rewrite)\b[^\n]*:\**\s*\n\s*/i;
const answerLabel =
  /^(?:#+\s*)?\**(?:(?:new|better|improved|rewritten|revised)\s+)?answer\**[ \t]*(?::\**|$|\n)\s*/i;

/** A reply's text as an answer: trimmed, without announcement, label or quotes round it; null if it holds no word. */
export function readAnswerText(text: string): string | null {
  const answer = text
    .trim()
    .replace(announcedAnswer, '')
    .replace(answerLabel, '')
    .replace(/^"([^"]*)"$/, '$1')
    .trim();
  return /\p{L}{2}/u.test(answer) ? answer : null;
}

const maxPromptChars = 6000;

const bulletMark = /^\s*(?:[-*•–]|\d{1,2}[.)])\s+/;
const promptTitle =
  /^[#*\s]*(?:(?:the )?(?:new|better|improved|updated|revised|rewritten)\s+)?(?:system\s+)?(?:instructions|prompt)[\s:*]*$/i;
const promptLabel = /^(?:(?:new|better|improved)\s+)?(?:system prompt|instructions|prompt)\s*:\s*/i;
const remark =
  /^[*_(\s]*(?:note|explanation|reasoning|changes|these (?:instructions|changes|lines)|this (?:version|prompt|revision)|i (?:have|kept|added|changed|made|hope)|let me know)\b/i;

/** Two words; in scripts that write no spaces, a few letters. */
const worded =
  /\p{L}{2,}\P{L}+\p{L}{2,}|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]{3,}/u;

/**
 * A reply's text as a prompt: without code fence, quotes, announcement, title or remarks after it. Null where no bullet has
 * words in it, or where it is absurdly long: a model that rambles has not written instructions.
 */
export function readPromptText(text: string): string | null {
  const inner = /```[a-z]*\r?\n([\s\S]*?)(?:```|$)/i.exec(text)?.[1] ?? text;
  const prompt = withoutRemark(inner.split('\n').map((line) => line.trimEnd()))
    .filter((line) => line !== '')
    .filter((line, i) => i > 0 || !announces(line))
    .filter((line, i) => i > 0 || !promptTitle.test(line))
    .map((line) => line.replace(bulletMark, '- '))
    .join('\n')
    .trim()
    .replace(promptLabel, '')
    .replace(/^"([\s\S]*)"$/, '$1');
  const bullets = prompt.split('\n').filter((line) => line.startsWith('- '));
  const isPrompt = bullets.some((line) => worded.test(line)) && prompt.length <= maxPromptChars;
  return isPrompt ? prompt : null;
}

/** The lines before a paragraph that speaks about the prompt after its bullets. */
function withoutRemark(lines: readonly string[]): readonly string[] {
  const first = lines.findIndex((line) => bulletMark.test(line));
  const from = lines.findIndex(
    (line, i) => first >= 0 && i > first && lines[i - 1] === '' && remark.test(line),
  );
  return from < 0 ? lines : lines.slice(0, from);
}
