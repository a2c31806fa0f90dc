/**
 * npm run bench:search -- [--repeats N] [--seed N] [--workers N] [--json FILE]
 * Plays the real search (`src/core`) against simulated worlds whose truth is known, and prints what each strategy reaches for its requests,
 * with intervals, and which bars are met. The same seed gives the same figures, on however many workers.
 *
 * A world (`world.ts`) gives hidden effects to forty lines that a prompt may have: for each kind of query and criterion, alone and in pairs.
 * A model (`model.ts`) answers, judges and proposes in it with luck and error, as far as the prompt earns it. It sees requests only: nothing
 * in it knows which strategy asks. `strategies.ts` is the table of those compared; a further one is a line there. `repeat.ts` runs them in
 * one world and looks up the true quality of what they found. `summary.ts` makes the figures.
 *
 * What counts as spent: all distinct requests of stage 2 until a prompt is settled on, selection included. The budget of a repeat is what
 * the authors' beam spends in it. Others are read at that count, and at a third of it: the prompt that led by then, or what they had
 * settled on. Stage 1, the judge check and the test are on nobody's account.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { Repeat } from './repeat.ts';
import { figuresOf, linesOf } from './summary.ts';

const { values: options } = parseArgs({
  options: {
    repeats: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: String(availableParallelism()) },
    json: { type: 'string' },
  },
});

/** A whole number of at least 1 from the command line. */
function countOf(name: 'repeats' | 'workers' | 'seed'): number {
  const count = Number(options[name]);
  if (!Number.isInteger(count) || count < 1) {
    throw new Error(
      `--${name} is ${options[name]}. Give a whole number from 1 up, such as --${name} 60.`,
    );
  }
  return count;
}

// On Node 20 tsx does not reach into worker threads by itself.
const boot = `
  import(${JSON.stringify(import.meta.resolve('tsx/esm/api'))}).then(({ register }) => {
    register();
    return import(${JSON.stringify(new URL('./worker.ts', import.meta.url).href)});
  });
`;

/** All repeats in order, shared out among workers. Rejects with the first failure of any. */
async function runAll(repeats: number, seed: number, workers: number): Promise<readonly Repeat[]> {
  const done = new Map<number, Repeat>();
  const order = { seed, step: workers, repeats };
  const runShare = (first: number) =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(boot, { eval: true, workerData: { ...order, first } });
      worker.on('message', ({ number, repeat }: { number: number; repeat: Repeat }) => {
        done.set(number, repeat);
        if (done.size % 100 === 0) console.error(`${String(done.size)} of ${String(repeats)}`);
      });
      worker.on('error', reject);
      worker.on('exit', () => resolve());
    });
  await Promise.all(Array.from({ length: workers }, (_, i) => runShare(i)));
  return Array.from({ length: repeats }, (_, i) => {
    const repeat = done.get(i);
    if (!repeat) throw new Error(`repeat ${String(i)} is missing`);
    return repeat;
  });
}

const repeats = countOf('repeats');
const all = await runAll(repeats, countOf('seed'), Math.min(countOf('workers'), repeats));
for (const line of linesOf(all)) console.log(line);
if (options.json !== undefined) {
  writeFileSync(options.json, `${JSON.stringify(figuresOf(all), null, 2)}\n`);
}
