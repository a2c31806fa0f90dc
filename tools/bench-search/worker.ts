import { parentPort, workerData } from 'node:worker_threads';
import * as v from 'valibot';
import { runRepeat } from './repeat.ts';

/** What a worker is given: the bench's seed and every `step`th repeat from `first` below `repeats`. */
const share = v.object({
  seed: v.number(),
  first: v.number(),
  step: v.number(),
  repeats: v.number(),
});

const { seed, first, step, repeats } = v.parse(share, workerData);
for (let number = first; number < repeats; number += step) {
  parentPort?.postMessage({ number, repeat: await runRepeat(seed, number) });
}
