import { expect, test } from 'vitest';
import { Meter } from '../../src/app/meter.ts';
import type { LoadProgress } from '../../src/llm/open.ts';

const at = (doneMb: number, phase: LoadProgress['phase'] = 'download'): LoadProgress => ({
  phase,
  doneMb,
  totalMb: 100,
});

test('the pace is that of the last seconds, and the time left follows from it', () => {
  const meter = new Meter();
  expect(meter.add(at(10), 0)).toEqual({ ...at(10), mbPerSecond: null, leftMs: null });
  expect(meter.add(at(12), 500).mbPerSecond).toBeNull();
  expect(meter.add(at(20), 2000)).toEqual({ ...at(20), mbPerSecond: 5, leftMs: 16_000 });
  // What was slow long ago is forgotten.
  meter.add(at(20), 20_000);
  expect(meter.add(at(40), 22_000)).toMatchObject({ mbPerSecond: 10, leftMs: 6000 });
});

test('nothing is promised while nothing comes, or where nobody knows how much will', () => {
  const meter = new Meter();
  meter.add(at(10), 0);
  expect(meter.add(at(10), 3000)).toMatchObject({ mbPerSecond: 0, leftMs: null });
  expect(meter.add({ ...at(16), totalMb: null }, 6000)).toMatchObject({
    mbPerSecond: 1,
    leftMs: null,
  });
});

test('each phase has a pace of its own', () => {
  const meter = new Meter();
  meter.add(at(0), 0);
  meter.add(at(90), 1000);
  expect(meter.add(at(1, 'load'), 1100).mbPerSecond).toBeNull();
  expect(meter.add(at(41, 'load'), 3100).mbPerSecond).toBe(20);
});
