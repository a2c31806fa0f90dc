import type { StoredLibrary } from '../store/library.ts';

const name = 'server-keys';

/**
 * Keys of servers, by their base address. They live in this tab's memory and nowhere else unless a person asks to keep them;
 * no record, event, request, export or error has them.
 */
export class Keys {
  readonly #library: StoredLibrary;
  readonly #keys = new Map<string, string>();

  constructor(library: StoredLibrary) {
    this.#library = library;
  }

  /** Brings back those that were kept. */
  async restore(): Promise<void> {
    for (const [url, key] of Object.entries(await this.#kept())) this.#keys.set(url, key);
  }

  of(url: string): string | null {
    return this.#keys.get(url) ?? null;
  }

  /** Takes a key, for this visit or for later ones too; an empty one is none. */
  async put(url: string, key: string, keep: boolean): Promise<void> {
    if (key === '') this.#keys.delete(url);
    else this.#keys.set(url, key);
    const { [url]: _, ...others } = await this.#kept();
    await this.#library.put(name, keep && key !== '' ? { ...others, [url]: key } : others);
  }

  async #kept(): Promise<Readonly<Record<string, string>>> {
    return asTexts(await this.#library.get(name));
  }
}

/** The texts of a stored record by name; what is none is left aside. */
export function asTexts(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((e): e is [string, string] => typeof e[1] === 'string'),
  );
}
