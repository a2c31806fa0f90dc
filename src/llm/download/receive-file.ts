import { DrpoError } from '../../core/errors.ts';
import { throwIfAborted } from '../abort.ts';
import { rangeHeaders, readAnswer, type Answer } from './answers.ts';
import { Arriving, beginningBytes, type Digest, type Tail } from './arriving.ts';
import { chunksOf } from './chunks.ts';
import {
  Backoff,
  fetchOnce,
  networkError,
  PassingFailure,
  QuietWatch,
  type Patient,
} from './fetch-again.ts';
import type { Part, PartStore } from './partial-downloads.ts';

/** `check`: parts that are here are read again; `retry`: it broke off, and is taken up again in a moment. */
export type ReceivePhase = 'check' | 'download' | 'retry';

/** A file to fetch, and how to tell that it is no such file. */
export interface FileOrder extends Patient {
  readonly url: string;
  /** Throws `model-invalid` for what the first bytes (512, or all where it is shorter) show to be something else. */
  readonly checkBeginning: (bytes: Uint8Array) => void;
  /** Where parts are kept as they come; null keeps none. */
  readonly parts: PartStore | null;
  readonly partBytes?: number;
  /** How long a part takes to come at least: what comes faster is as fast fetched again. 0 if not given. */
  readonly partMs?: number;
  /** Whether the last part is stored too, so that a file that came whole and was not taken over needs no fetching again. */
  readonly keepsWhole?: boolean;
  /** The checksum to take. */
  readonly digest: Digest | null;
  /** Bytes here (stored or come), and of how many if that is known. */
  readonly onProgress?: (doneBytes: number, totalBytes: number | null, phase: ReceivePhase) => void;
}

/** A file that came whole. `digest` in hex, where one was asked for; `announced` is the SHA-256 that the server named. */
export interface ReceivedFile {
  readonly file: Blob;
  readonly digest: string | null;
  readonly announced: string | null;
}

const usualPartBytes = 16 * 2 ** 20;
// Where a server names no version, or another each time, one begins anew each time.
const mostRestarts = 3;

/**
 * Fetches a file, taking its checksum as it comes, and goes on where it broke off: within the call as often as `Backoff` says, and
 * in a later one from the parts that are stored. Rejects with `network`, with what `checkBeginning` throws (no part is
 * left then), or with the signal's AbortError (what came is kept).
 */
export async function receiveFile(order: FileOrder): Promise<ReceivedFile> {
  throwIfAborted(order.signal);
  return new Receiving(order, await Arriving.begin(order.digest)).whole();
}

class Receiving {
  readonly #order: FileOrder;
  readonly #bytes: Arriving;
  readonly #backoff: Backoff;
  #store: PartStore | null;
  /** Parts of an earlier attempt that come later than where we are. */
  #stored: readonly Part[] = [];
  #version: string | null = null;
  #totalBytes: number | null = null;
  #announced: string | null = null;
  #isChecked = false;
  #keptMs = performance.now();
  #restarts = 0;

  constructor(order: FileOrder, bytes: Arriving) {
    this.#order = order;
    this.#bytes = bytes;
    this.#store = order.parts;
    this.#backoff = new Backoff({
      ...order,
      onWait: (ms) => {
        this.#say('retry');
        order.onWait?.(ms);
      },
    });
  }

  async whole(): Promise<ReceivedFile> {
    await this.#findStored();
    for (let isWhole = false; !isWhole;) {
      try {
        isWhole = (await this.#takeStored()) || (await this.#stretch());
      } catch (error) {
        await this.#recover(error);
      }
    }
    if (this.#order.keepsWhole) await this.#keepTail();
    return { ...this.#bytes.finish(), announced: this.#announced };
  }

  /** What an earlier attempt left, of the version of which there is most; the others are removed. */
  async #findStored(): Promise<void> {
    const parts = (await this.#store?.list(this.#order.url)) ?? [];
    const groups = groupByVersion(parts).sort((a, b) => bytesOf(b) - bytesOf(a));
    const [best = [], ...others] = groups;
    this.#stored = best;
    this.#version = best[0]?.version ?? null;
    this.#totalBytes = best[0]?.totalBytes ?? null;
    await this.#store?.remove(others.flat());
  }

  /** Takes the stored parts that come next; one that was damaged is fetched again. True once nothing is missing. */
  async #takeStored(): Promise<boolean> {
    for (;;) {
      throwIfAborted(this.#order.signal);
      const { position } = this.#bytes;
      const next = this.#stored.find(({ from }) => from === position);
      if (!next) break;
      await this.#keepTail();
      const bytes = await this.#store?.read(next);
      this.#stored = this.#stored.filter(({ from }) => from > position);
      if (!bytes) continue;
      const held = await this.#store?.open(next);
      this.#bytes.addHeld(new Uint8Array(bytes), held ?? new Blob([bytes]));
      await this.#checkBeginning(false);
      this.#say('check');
    }
    const isWhole = this.#bytes.position === this.#totalBytes;
    if (isWhole) await this.#checkBeginning(true);
    return isWhole;
  }

  /** Asks for what comes next, up to a stored part or the end. True if that was the end of a file of unknown length. */
  async #stretch(): Promise<boolean> {
    const { url } = this.#order;
    const { position } = this.#bytes;
    const until = this.#stored.find(({ from }) => from > position)?.from ?? null;
    const watch = new QuietWatch(this.#order);
    try {
      const headers = rangeHeaders(url, position, until, this.#version);
      const response = await fetchOnce(url, headers, watch.signal);
      this.#backoff.heard();
      if (!(await this.#goesOn(readAnswer(response, position)))) {
        await response.body?.cancel();
        return false;
      }
      await this.#read(response, watch);
    } finally {
      watch.end();
    }
    if (this.#totalBytes !== null && this.#bytes.position < (until ?? this.#totalBytes)) {
      throw new PassingFailure(this.#brokenOff());
    }
    if (this.#totalBytes === null) await this.#checkBeginning(true);
    return this.#totalBytes === null;
  }

  /** Whether an answer's bytes come next, from the beginning if need be. */
  async #goesOn({ from, totalBytes, version, announced }: Answer): Promise<boolean> {
    const isSame = version !== null && version === this.#version && totalBytes === this.#totalBytes;
    if (from === this.#bytes.position && (isSame || from === 0)) {
      if (!isSame && this.#version !== null) await this.#forgetStored();
    } else {
      await this.#startOver();
      if (from !== 0) return false;
    }
    this.#version = version;
    this.#totalBytes = totalBytes;
    this.#announced = announced ?? this.#announced;
    return true;
  }

  async #read(response: Response, watch: QuietWatch): Promise<void> {
    const { position } = this.#bytes;
    const until = this.#stored.find(({ from }) => from > position)?.from ?? Infinity;
    try {
      for await (const chunk of response.body ? chunksOf(response.body) : []) {
        watch.heard();
        await this.#take(chunk.subarray(0, until - this.#bytes.position));
        if (this.#bytes.position >= until) break;
      }
    } catch (error) {
      if (error instanceof DrpoError) throw error;
      throw new PassingFailure(this.#brokenOff(error));
    }
  }

  async #take(chunk: Uint8Array<ArrayBuffer>): Promise<void> {
    if (chunk.byteLength === 0) return;
    this.#bytes.add(chunk);
    this.#backoff.heard(true);
    // The length was of what was sent, compressed: nothing here can be put together with another answer.
    if (this.#totalBytes !== null && this.#bytes.position > this.#totalBytes) {
      this.#totalBytes = null;
      this.#version = null;
      await this.#forgetStored();
    }
    await this.#checkBeginning(false);
    this.#say('download');
    const { partBytes = usualPartBytes, partMs = 0 } = this.#order;
    const isPart = this.#bytes.tailBytes >= partBytes && performance.now() >= this.#keptMs + partMs;
    if (isPart) await this.#keepTail();
  }

  /** `isWhole`: nothing more will come. Bytes of something else are not kept. */
  async #checkBeginning(isWhole: boolean): Promise<void> {
    const { beginning } = this.#bytes;
    if (this.#isChecked || (beginning.byteLength < beginningBytes && !isWhole)) return;
    try {
      this.#order.checkBeginning(beginning);
      this.#isChecked = true;
    } catch (error) {
      await this.#forgetStored();
      throw error;
    }
  }

  /** Stores what came last, where its version is known. Where there is no room the file goes on in memory. */
  async #keepTail(): Promise<void> {
    const tail = this.#bytes.tail();
    if (!tail) return;
    this.#bytes.tie((await this.#keep(tail)) ?? tail.bytes);
    this.#keptMs = performance.now();
  }

  async #keep({ from, bytes }: Tail): Promise<Blob | null> {
    if (this.#version === null || this.#totalBytes === null || !this.#isChecked) return null;
    const part = {
      url: this.#order.url,
      version: this.#version,
      totalBytes: this.#totalBytes,
      from,
      to: from + bytes.size,
    };
    const kept = (await this.#store?.put(part, bytes)) ?? null;
    if (!kept) this.#store = null;
    return kept;
  }

  async #recover(error: unknown): Promise<void> {
    await this.#keepTail();
    await this.#backoff.after(error);
  }

  async #startOver(): Promise<void> {
    this.#restarts += 1;
    if (this.#restarts > mostRestarts) throw this.#endless();
    this.#bytes.startOver();
    this.#isChecked = false;
    this.#version = null;
    this.#totalBytes = null;
    await this.#forgetStored();
  }

  async #forgetStored(): Promise<void> {
    this.#stored = [];
    await this.#store?.remove(await this.#store.list(this.#order.url));
  }

  #say(phase: ReceivePhase): void {
    this.#order.onProgress?.(this.#bytes.position, this.#totalBytes, phase);
  }

  #brokenOff(cause?: unknown): DrpoError {
    const mb = (bytes: number): string => (bytes / 1e6).toFixed(1);
    const of = this.#totalBytes === null ? '' : ` of ${mb(this.#totalBytes)}`;
    const kept = this.#store && this.#version !== null ? ': what has come is kept' : '';
    return networkError(
      this.#order.url,
      `broke off after ${mb(this.#bytes.position)}${of} MB. Check the connection and try again${kept}`,
      cause,
    );
  }

  #endless(): DrpoError {
    if (this.#version === null) return this.#brokenOff();
    return networkError(
      this.#order.url,
      'answers with another file each time it is asked for the rest. Try again later, or download the file yourself and open it from disk',
    );
  }
}

function groupByVersion(parts: readonly Part[]): (readonly Part[])[] {
  const groups = new Map<string, readonly Part[]>();
  for (const part of parts) {
    const key = `${part.totalBytes} ${part.version}`;
    groups.set(key, [...(groups.get(key) ?? []), part]);
  }
  return [...groups.values()];
}

function bytesOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { from, to }) => sum + to - from, 0);
}
