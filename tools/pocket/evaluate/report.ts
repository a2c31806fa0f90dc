import type { Share } from './roles.ts';
import type { Searched } from './searches.ts';

export type Figures = Share;

/** What was measured in each role. */
export interface RoleFigures {
  readonly judge: { readonly exact: Share; readonly near: Share };
  readonly judgeHeldOut: { readonly exact: Share; readonly near: Share };
  readonly read: Share;
  readonly followed: Readonly<Record<string, Share>>;
  readonly scope: Readonly<Record<string, Share>>;
  readonly edits: Share;
  readonly reasons: Share;
  readonly improved: { readonly better: Share; readonly worse: Share };
  readonly outside: Readonly<Record<string, Share>>;
}

export interface Measured {
  readonly bytes: number;
  readonly roles: RoleFigures | null;
  readonly searches: readonly Searched[];
}

/** The table of figures with their bars, in Markdown. A figure that misses its bar is marked. */
export function tableOf({ bytes, roles, searches }: Measured): readonly string[] {
  return [
    '| figure | measured | bar | |',
    '|---|---|---|---|',
    row('file', `${(bytes / 1e6).toFixed(2)} MB`, '≤ 4 MB', bytes <= 4e6),
    ...(searches.length > 0 ? searchRows(searches) : []),
    ...(roles ? roleRows(roles) : []),
  ];
}

function row(what: string, measured: string, bar: string, isMet: boolean): string {
  return `| ${what} | ${measured} | ${bar} | ${isMet ? 'met' : '**missed**'} |`;
}

function searchRows(searches: readonly Searched[]): readonly string[] {
  const taught = searches.filter((s) => s.editing === 'taught');
  const random = searches.filter((s) => s.editing === 'random');
  const mean = (values: readonly number[]): number =>
    values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
  const before = mean(taught.map((s) => s.rule.before));
  const after = mean(taught.map((s) => s.rule.after));
  const gains = taught.filter((s) => s.rule.after - s.rule.before >= 1.5).length;
  const every = after - mean(taught.map((s) => s.rule.every));
  const chance = after - mean(random.map((s) => s.rule.after));
  const agree = taught.filter((s) => s.outcome === s.ruleOutcome).length;
  const most = Math.ceil(0.95 * taught.length);
  const count = (n: number): string => `${String(n)} of ${String(taught.length)}`;
  return [
    row(
      'reward by the rule on test queries, start → found',
      `${before.toFixed(2)} → ${after.toFixed(2)}; gain ≥ 1.5 in ${count(gains)}`,
      `${String(most)} of ${String(taught.length)}`,
      gains >= most,
    ),
    row('every bullet at once, below the found prompt by', every.toFixed(2), '≥ 0.4', every >= 0.4),
    row('random proposals at equal requests, below by', chance.toFixed(2), '≥ 0.4', chance >= 0.4),
    row(
      'verdict agrees with the rule',
      count(agree),
      count(taught.length),
      agree === taught.length,
    ),
    `| requests, random ones | ${mean(taught.map((s) => s.requests)).toFixed(0)}, ${mean(random.map((s) => s.requests)).toFixed(0)} | – | |`,
  ];
}

function roleRows(roles: RoleFigures): readonly string[] {
  const atLeast = (what: string, { hits, of }: Share, bar: number): string =>
    row(what, percent({ hits, of }), `≥ ${String(bar)} %`, hits >= (bar / 100) * of);
  const worst = (all: Readonly<Record<string, Share>>): readonly [string, Share] =>
    Object.entries(all).reduce((low, next) =>
      next[1].hits / next[1].of < low[1].hits / low[1].of ? next : low,
    );
  const [leastFollowed, followed] = worst(roles.followed);
  const [leastScoped, scope] = worst(roles.scope);
  const { insideTaken, ...outside } = roles.outside;
  const [leastRole, recognised] = worst(outside);
  const { better, worse } = roles.improved;
  return [
    atLeast('judge on answers of the model, held-out phrasings: exact', roles.judge.exact, 97),
    atLeast('judge on held-out topics and kinds: within 1', roles.judgeHeldOut.near, 95),
    `| judge on answers of every sort: exact | ${percent(roles.read)} | – | |`,
    atLeast(`each behaviour followed, held-out paraphrase; least: ${leastFollowed}`, followed, 85),
    atLeast(`not shown where its scope excludes it; least: ${leastScoped}`, scope, 85),
    atLeast('optimizer’s bullet lifts a weakest criterion', roles.edits, 85),
    `| reason is the rule’s | ${percent(roles.reasons)} | – | |`,
    atLeast('improved example better by the rule', better, 95),
    row('improved example worse', percent(worse), '≤ 1 %', worse.hits <= 0.01 * worse.of),
    atLeast(`queries from outside recognised; least: ${leastRole}`, recognised, 95),
    ...(insideTaken ? [`| query inside taken for one | ${percent(insideTaken)} | – | |`] : []),
  ];
}

function percent({ hits, of }: Share): string {
  return `${((100 * hits) / Math.max(1, of)).toFixed(1)} % of ${String(of)}`;
}
