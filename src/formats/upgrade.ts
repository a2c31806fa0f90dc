/** A file as JSON says it, before anything is known of it. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The file in its new version, or why it cannot be brought there. */
export type Upgraded =
  | { readonly type: 'upgraded'; readonly file: JsonObject }
  | { readonly type: 'refused'; readonly reason: string };

/** Takes a file of one version to the next. It gets whatever was in the file, so it looks before it takes. */
export type Upgrade = (file: JsonObject) => Upgraded;

/** `upgrades[n]` takes version n to n+1. Append only: a step that was released never changes. */
export type Upgrades = Readonly<Record<number, Upgrade>>;

/** Brings a file from version `from` to version `to`, one step after the other, and writes the new version into it. */
export function upgrade(file: JsonObject, from: number, to: number, upgrades: Upgrades): Upgraded {
  let current = file;
  for (let version = from; version < to; version += 1) {
    const step = upgrades[version];
    if (!step) {
      return { type: 'refused', reason: `nothing is known of its version ${version}` };
    }
    const next = step(current);
    if (next.type === 'refused') return next;
    current = { ...next.file, version: version + 1 };
  }
  return { type: 'upgraded', file: current };
}
