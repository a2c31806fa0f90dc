import { DrpoError } from '../core/errors.ts';
import type { JournalEntry } from '../core/journal-entry.ts';
import type { Content, LlmRequest, Message, Part } from '../core/llm.ts';

/** A part's text, or where it is kept. */
type PackedText = string | { readonly hash: string };

type PackedPart = Omit<Part, 'text'> & { readonly text: PackedText };

type PackedContent =
  | { readonly type: 'chat'; readonly messages: readonly PackedMessage[] }
  | { readonly type: 'text'; readonly parts: readonly PackedPart[] };

type PackedMessage = Omit<Message, 'parts'> & { readonly parts: readonly PackedPart[] };

/** A journal entry whose longer texts are kept elsewhere, under their hash: prompts and queries recur in most requests. */
export type PackedEntry = Omit<JournalEntry, 'request'> & {
  readonly request: Omit<LlmRequest, 'content'> & { readonly content: PackedContent };
};

/** Under this many characters a hash of 64 would be no gain. */
const longerThan = 80;

/** Hashes texts, and remembers the hashes of those that recur. */
export class TextHashes {
  readonly #hashes = new Map<string, Promise<string>>();
  readonly #atMost = 2_000;

  async of(text: string): Promise<string> {
    const known = this.#hashes.get(text);
    if (known) return known;
    // Not crypto.subtle: it is missing on pages served over plain http.
    const hash = this.#sha256(text);
    if (this.#hashes.size >= this.#atMost) this.#hashes.clear();
    this.#hashes.set(text, hash);
    return hash;
  }

  async #sha256(text: string): Promise<string> {
    // Loaded with the first reply of a run, not with the first page.
    const { sha256 } = await import('hash-wasm');
    return sha256(text);
  }
}

/** The entry with its longer texts taken out, and these texts by hash. Hashing takes time: do it before a transaction opens. */
export async function pack(
  entry: JournalEntry,
  hashes: TextHashes,
): Promise<{ readonly entry: PackedEntry; readonly texts: ReadonlyMap<string, string> }> {
  const texts = new Map<string, string>();
  const packPart = async (part: Part): Promise<PackedPart> => {
    if (part.text.length <= longerThan) return part;
    const hash = await hashes.of(part.text);
    texts.set(hash, part.text);
    return { ...part, text: { hash } };
  };
  const packParts = async (parts: readonly Part[]) => Promise.all(parts.map(packPart));
  const packContent = async (content: Content): Promise<PackedContent> =>
    content.type === 'text'
      ? { ...content, parts: await packParts(content.parts) }
      : {
          ...content,
          messages: await Promise.all(
            content.messages.map(async (m) => ({ ...m, parts: await packParts(m.parts) })),
          ),
        };
  const content = await packContent(entry.request.content);
  return { entry: { ...entry, request: { ...entry.request, content } }, texts };
}

/** The hashes of the texts that a packed entry needs. */
export function hashesIn(entry: PackedEntry): readonly string[] {
  const { content } = entry.request;
  const parts = content.type === 'text' ? content.parts : content.messages.flatMap((m) => m.parts);
  return parts.flatMap(({ text }) => (typeof text === 'string' ? [] : [text.hash]));
}

/** The entry as it was packed. Rejects with `storage-failed` where one of its texts is gone. */
export function unpack(entry: PackedEntry, texts: ReadonlyMap<string, string>): JournalEntry {
  const unpackPart = (part: PackedPart): Part => ({ ...part, text: textOf(part.text, texts) });
  const { content } = entry.request;
  const whole: Content =
    content.type === 'text'
      ? { ...content, parts: content.parts.map(unpackPart) }
      : {
          ...content,
          messages: content.messages.map((m) => ({ ...m, parts: m.parts.map(unpackPart) })),
        };
  return { ...entry, request: { ...entry.request, content: whole } };
}

function textOf(text: PackedText, texts: ReadonlyMap<string, string>): string {
  const found = typeof text === 'string' ? text : texts.get(text.hash);
  if (found !== undefined) return found;
  throw new DrpoError(
    'storage-failed',
    'A text of this run is missing from the storage. Delete the run, or import it again from its file.',
  );
}
