import { DrpoError } from '../core/errors.ts';
import type { Device } from '../llm/device.ts';
import { readMlcAddress } from '../llm/mlc/address.ts';
import { importMlcFolder } from '../llm/mlc/folder.ts';
import { inspectMlc, likeness, type InspectedMlc, type ListedLibrary } from '../llm/mlc/inspect.ts';
import { listedFor } from '../llm/web-llm/models.ts';
import { binaryMb } from './model-key.ts';
import { listedBase } from './model-list.ts';
import type { CustomWeights } from './model-rows.ts';

/** The address of weights, however it was pasted. Throws `host-blocked` for what cannot be read from here. */
export function weightsAddress(text: string): URL {
  return new URL(readMlcAddress(text));
}

/** What the small files of weights on the net say. Rejects as `inspectMlc` does. */
export async function inspectWeights(url: string, device: Device | null): Promise<CustomWeights> {
  return asCustom(await inspectMlc(url, libraries(device)));
}

/** Takes a folder of weights over into this browser, checked. Rejects as `inspectMlc` and `importMlcFolder` do. */
export async function importFolder(
  files: readonly File[],
  device: Device | null,
  onProgress: (name: string, done: number) => void,
): Promise<CustomWeights> {
  const inspected = await inspectFolder(files, device);
  const { libraryUrl } = await importMlcFolder(files, {
    onProgress: ({ doneMb, totalMb }) => onProgress(inspected.name, totalMb ? doneMb / totalMb : 0),
  });
  return { ...asCustom(inspected), libraryUrl };
}

/** With no network nothing can be compared: weights that bring their library then need no listed one but for its facts. */
async function inspectFolder(files: readonly File[], device: Device | null): Promise<InspectedMlc> {
  const listed = libraries(device);
  try {
    return await inspectMlc(files, listed);
  } catch (error) {
    const offline = error instanceof DrpoError && error.code === 'network';
    const inspected = offline ? await inspectMlc(files, []) : null;
    if (!inspected?.hasLibrary) throw error;
    const { name, config } = inspected;
    const near = listed.map(({ id }) => id).filter((id) => id.includes(config.quantization));
    return { ...inspected, libraries: near.sort((a, b) => likeness(b, name) - likeness(a, name)) };
  }
}

function asCustom({ name, url, libraries: ids, whyNot, ...more }: InspectedMlc): CustomWeights {
  const { beginning, form } = more;
  const sizeMb = binaryMb(more.sizeMb);
  return { name, url, libraryUrl: null, libraries: ids, whyNot, beginning, form, sizeMb };
}

/** The libraries that run on this machine, as no other would help. */
function libraries(device: Device | null): readonly ListedLibrary[] {
  return listedFor(device ?? { shaderF16: true }).map(({ id }) => ({
    id,
    configUrl: `${listedBase(id)}mlc-chat-config.json`,
  }));
}
