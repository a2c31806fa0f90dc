import { modelKey } from '../../app/model-key.ts';
import type { ModelRow } from '../../app/model-rows.ts';

const fewest = 4;

/**
 * The models that Start offers by itself, each once: the recommended one, what is here already, and others that run on this
 * machine until there are four, those that follow instructions first. The rest is in Models.
 */
export function suggestions(
  rows: readonly ModelRow[],
  recommended: ModelRow | null,
): readonly ModelRow[] {
  const runnable = rows.filter((row) => row.whyNot === null);
  const atHand = runnable.filter((row) => row.here || row.engine === 'endpoint');
  const first = unique([...(recommended ? [recommended] : []), ...atHand]);
  const others = runnable.toSorted((a, b) => Number(a.kind === 'base') - Number(b.kind === 'base'));
  return unique([...first, ...others]).slice(0, Math.max(fewest, first.length));
}

function unique(rows: readonly ModelRow[]): readonly ModelRow[] {
  return [...new Map(rows.map((row) => [modelKey(row.model), row])).values()];
}
