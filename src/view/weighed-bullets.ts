import type { Prompt } from '../core/prompt.ts';
import type { Run } from '../core/run.ts';
import type { BulletEffect } from '../core/weigh-bullets.ts';

/** What was measured of a found prompt's bullets by leaving them out. */
export interface WeighedBullets {
  /** By bullet id; a bullet that a stopped run never came to has none. */
  readonly effects: ReadonlyMap<string, BulletEffect>;
  /** Those that the prompt has no more, as it was rated no lower without them all. */
  readonly dropped: readonly BulletEffect[];
  /** Some add nothing alone and stayed all the same: without all of these the prompt was rated lower. */
  readonly idleStay: boolean;
}

/** The effects of a chosen prompt's bullets; null where none was measured or no prompt is chosen yet. */
export function weighedBullets(run: Run, found: Prompt): WeighedBullets | null {
  if (run.selected === null || run.bulletEffects.length === 0) return null;
  const effects = new Map(run.bulletEffects.map((effect) => [effect.bullet, effect]));
  const here = new Set(found.bullets.map((bullet) => bullet.id));
  const dropped = run.bulletEffects.filter(({ bullet }) => !here.has(bullet));
  const idle = found.bullets.filter(
    ({ id, locked }) => !locked && addsNothing(effects.get(id) ?? null),
  );
  const weighedAll = found.bullets.every(({ id }) => effects.has(id));
  return { effects, dropped, idleStay: weighedAll && dropped.length === 0 && idle.length > 0 };
}

function addsNothing(effect: BulletEffect | null): boolean {
  return effect !== null && effect.pairs > 0 && effect.effect <= 0;
}
