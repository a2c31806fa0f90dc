import type { Usage } from '../../src/core/llm.ts';
import type { Floor } from './floor.ts';
import type { Measured, StockMeasured } from './measured.ts';

/** What `--json` keeps of an engine. Times in ms; ratios and shares as they are, 1 and 0 being the best. */
export interface Figures {
  readonly prefillOverFloor: number;
  readonly stockPrefillOverFloor: number;
  readonly overheadMs: number;
  readonly overheadShare: number;
  readonly meanRequestMs: number;
  readonly requestsPerSecond: number;
}

/** The line that is printed: the figures, and what they were made from. */
export interface Line extends Figures {
  readonly engine: string;
  readonly model: string;
  readonly requests: number;
  readonly tokensAsked: number;
  readonly tokensPrefilled: number;
  readonly tokensDecoded: number;
  readonly floorTokens: number;
  readonly floorBy: 'tokens' | 'text';
  /** Requests whose size the engine tells otherwise than the bench. */
  readonly disagreements: number;
  readonly cacheTokens: number;
  readonly overheadMedianMs: number;
  /** Of the overhead: messages to the worker and back. The rest is journal, database, events and search. */
  readonly messagesMs: number;
  readonly crossOriginIsolated: boolean;
  readonly stock: {
    readonly tokensPrefilled: number;
    readonly tokensDecoded: number;
    readonly meanRequestMs: number;
    readonly requestsPerSecond: number;
    /** Stock time over ours. */
    readonly timeRatio: number;
  };
}

export interface Parts {
  readonly model: string;
  readonly measured: Measured;
  readonly stock: StockMeasured;
  readonly floor: Floor;
  readonly floorBy: 'tokens' | 'text';
  readonly cacheTokens: number;
}

/** The line of one engine. Overhead is all of the run's wall time that the engine did not itself work. */
export function lineOf({ model, measured, stock, floor, floorBy, cacheTokens }: Parts): Line {
  const { asked, wallMs, isolated } = measured;
  const usages = asked.map(({ usage }) => usage);
  const requests = asked.length;
  const engineMs = total(usages, (u) => u.elapsedMs);
  const messages = asked.map(({ portMs, usage }) => portMs - usage.elapsedMs);
  // What comes between two requests is counted with the later one; what comes after the last, in the mean alone.
  const overheads = asked.map(({ beforeMs }, i) => beforeMs + (messages[i] ?? 0));
  const prefilled = prefilledOf(usages);
  const meanRequestMs = wallMs / requests;
  const stockMean = stock.wallMs / requests;
  return {
    engine: measured.engine,
    model,
    requests,
    tokensAsked: total(usages, (u) => u.promptTokens),
    tokensPrefilled: prefilled,
    tokensDecoded: total(usages, (u) => u.outputTokens),
    floorTokens: Math.round(floor.tokens),
    floorBy,
    disagreements: floor.disagreements,
    cacheTokens,
    prefillOverFloor: round(prefilled / floor.tokens, 3),
    stockPrefillOverFloor: round(prefilledOf(stock.usages) / floor.tokens, 3),
    overheadMs: round((wallMs - engineMs) / requests, 2),
    overheadMedianMs: round(median(overheads), 2),
    messagesMs: round(total(messages, (ms) => ms) / requests, 2),
    overheadShare: round((wallMs - engineMs) / wallMs, 4),
    meanRequestMs: round(meanRequestMs, 1),
    requestsPerSecond: round(1000 / meanRequestMs, 2),
    crossOriginIsolated: isolated,
    stock: {
      tokensPrefilled: prefilledOf(stock.usages),
      tokensDecoded: total(stock.usages, (u) => u.outputTokens),
      meanRequestMs: round(stockMean, 1),
      requestsPerSecond: round(1000 / stockMean, 2),
      timeRatio: round(stockMean / meanRequestMs, 2),
    },
  };
}

/** What of a line goes into the file. */
export function figuresOf(line: Line): Figures {
  const { prefillOverFloor, stockPrefillOverFloor, overheadMs } = line;
  const { overheadShare, meanRequestMs, requestsPerSecond } = line;
  return {
    ...{ prefillOverFloor, stockPrefillOverFloor, overheadMs },
    ...{ overheadShare, meanRequestMs, requestsPerSecond },
  };
}

function prefilledOf(usages: readonly Usage[]): number {
  return total(usages, (u) => u.promptTokens - u.reusedTokens);
}

function total<T>(items: readonly T[], amount: (item: T) => number): number {
  return items.reduce((sum, item) => sum + amount(item), 0);
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function round(number: number, digits: number): number {
  return Number(number.toFixed(digits));
}
