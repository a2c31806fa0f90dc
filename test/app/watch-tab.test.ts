import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Lateness, tabSentence, watchTab, type TabState } from '../../src/app/watch-tab.ts';
import { show, undo } from './visibility.ts';

const noon = new Date(2026, 0, 31, 12, 0).getTime();

beforeEach(() => {
  vi.useFakeTimers({ now: noon, toFake: ['setInterval', 'clearInterval', 'Date', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
  undo();
});

function watched() {
  const states: TabState[] = [];
  return { states, end: watchTab((state) => states.push(state)) };
}

test('a tab is told since when it is hidden, until it is seen again', () => {
  const { states, end } = watched();
  vi.advanceTimersByTime(5000);
  show('hidden');
  show('hidden');
  show('visible');
  end();
  show('hidden');
  const seen = { hiddenSince: null, throttledSince: null };
  expect(states).toEqual([seen, { hiddenSince: noon + 5000, throttledSince: null }, seen]);
});

test('a tab that is hidden from the beginning knows so at once', () => {
  show('hidden');
  const { states, end } = watched();
  expect(states).toEqual([{ hiddenSince: noon, throttledSince: null }]);
  end();
});

test('timers that come late again and again are noticed, and when they are on time again', () => {
  const { states, end } = watched();
  // The clock goes on without its ticks, as it does where a browser holds a tab back.
  const lateTick = (): void => {
    vi.setSystemTime(Date.now() + 59_000);
    late += 59_000;
    vi.advanceTimersByTime(1000);
  };
  let late = 0;
  const real = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => real() + late);
  vi.advanceTimersByTime(10_000);
  lateTick();
  lateTick();
  expect(states.length).toBe(1);
  lateTick();
  expect(states.at(-1)).toEqual({ hiddenSince: null, throttledSince: noon + 10_000 + 180_000 });
  vi.advanceTimersByTime(2000);
  expect(states.length).toBe(2);
  vi.advanceTimersByTime(1000);
  expect(states.at(-1)).toEqual({ hiddenSince: null, throttledSince: null });
  end();
  vi.restoreAllMocks();
});

test.each([
  ['one long pause', [3_600_000, 0, 0, 0], false],
  ['small delays', [300, 900, 700, 999, 400], false],
  ['three in a row', [2000, 2000, 2000], true],
  ['two and two', [2000, 2000, 0, 2000, 2000], false],
  ['late, then on time three times', [2000, 2000, 2000, 0, 0, 0], false],
  ['late, then on time twice', [2000, 2000, 2000, 0, 0, 1500], true],
] as const)('%s', (_name, delays, throttled) => {
  const lateness = new Lateness();
  expect(delays.map((delay) => lateness.tick(delay)).at(-1)).toBe(throttled);
});

test('a person is told what to do, and nothing where all is well', () => {
  const seen = { hiddenSince: null, throttledSince: null };
  expect(tabSentence(seen)).toBeNull();
  expect(tabSentence({ ...seen, hiddenSince: noon })).toMatch(/background since 12:00.*own/);
  expect(tabSentence({ ...seen, throttledSince: noon })).toMatch(/12:00.*held back/);
  expect(tabSentence({ hiddenSince: noon, throttledSince: noon })).toMatch(/in the background/);
});
