import { foldAll } from '../core/run.ts';
import { reportHtml } from '../formats/report/report.ts';
import type { RunContent } from '../store/records.ts';
import { Tally } from './tally.ts';

/** A stored run as a report to read and print: the text of an HTML file, with numbers and dates in the reader's locale. */
export function reportText({ run, events, journal }: RunContent, version: string): string {
  const tally = new Tally();
  for (const entry of journal) tally.add(entry, false);
  return reportHtml({
    record: run,
    run: foldAll(events),
    cost: tally.cost,
    app: { name: 'DRPO Web', version },
    written: new Date().toISOString(),
    locale: Intl.NumberFormat().resolvedOptions().locale,
  });
}
