import { maxBullets, normalise, type Bullet, type Prompt } from './prompt.ts';

/** The lines that prompts may be made of, by name, and the prompt whose opening they go under. */
export interface Library {
  readonly start: Prompt;
  readonly lines: Map<string, Bullet>;
}

/** A prompt's bullets by what they say, each once: two that say the same have one name. */
export function linesOf(prompt: Prompt): Map<string, Bullet> {
  return new Map(prompt.bullets.map((bullet) => [normalise(bullet.text), bullet]));
}

/**
 * The prompt of the lines that add more than `price`, at most eight, those that add most; locked lines are always in it. Lines stand in
 * the order in which they became known.
 */
export function compose(
  { start, lines }: Library,
  effects: ReadonlyMap<string, number>,
  price: number,
): Prompt {
  const locked = [...lines].filter(([, bullet]) => bullet.locked).map(([name]) => name);
  const room = Math.max(0, maxBullets - locked.length);
  const helping = [...lines.keys()]
    .filter((name) => !locked.includes(name) && (effects.get(name) ?? 0) > price)
    .sort((a, b) => (effects.get(b) ?? 0) - (effects.get(a) ?? 0))
    .slice(0, room);
  const chosen = new Set([...locked, ...helping]);
  const bullets = [...lines].filter(([name]) => chosen.has(name)).map(([, bullet]) => bullet);
  return { ...start, bullets: bullets.map((bullet, i) => standing(bullet, start, i)) };
}

/** Each bullet begins a line; where the opening is empty no line stands before the first. */
function standing(bullet: Bullet, { opening }: Prompt, at: number): Bullet {
  const lead = bullet.lead.replace(/^(?:\r?\n)+/, '');
  return { ...bullet, lead: (at === 0 && opening === '' ? '' : '\n') + lead };
}
