import type { ModelFiles } from '../store/model-files.ts';

/** The name of a kept file whose content is no longer what it was; it is removed. Empty where all is right. */
export async function checkFile(
  files: ModelFiles,
  sha256: string,
  onProgress: (done: number) => void = () => undefined,
): Promise<readonly string[]> {
  const { hashFile } = await import('../llm/open.ts');
  const name = (await files.list()).find((kept) => kept.sha256 === sha256)?.name ?? sha256;
  const isWhole = await files.check(sha256, (file) =>
    hashFile(file, (bytes) => onProgress(bytes / file.size)),
  );
  return isWhole ? [] : [name];
}

/**
 * The names of files of stored MLC weights that were damaged or are missing; what was damaged is removed, and the next load
 * fetches it.
 */
export async function checkWeights(
  base: string,
  onProgress: (done: number) => void = () => undefined,
): Promise<readonly string[]> {
  const { checkMlc } = await import('../llm/mlc/stored.ts');
  return checkMlc(base, {
    onProgress: ({ doneMb, totalMb }) => onProgress(totalMb ? doneMb / totalMb : 0),
  });
}
