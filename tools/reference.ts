/**
 * npm run reference -- FILE…
 * Replays recorded decisions of the authors' code through the paper preset. Prints each failure with the first decision
 * that differs, then `N passed, N failed`; exits 1 on any failure.
 */
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { differs, referenceFile } from './reference-replay.ts';

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('Name at least one file: npm run reference -- FILE…');
  process.exit(2);
}
let passed = 0;
let failed = 0;
for (const file of files) {
  const { cases } = v.parse(referenceFile, JSON.parse(readFileSync(file, 'utf8')));
  for (const recorded of cases) {
    const difference = await differs(recorded);
    if (difference === null) {
      passed++;
      continue;
    }
    failed++;
    console.log(`${file} ${recorded.name}: ${difference}`);
  }
}
console.log(`${String(passed)} passed, ${String(failed)} failed`);
process.exitCode = failed > 0 ? 1 : 0;
