/** The file of a run's model is not in this browser: it must be chosen again. */
export class FileWanted extends Error {
  override readonly name = 'FileWanted';
  readonly fileName: string;
  readonly sha256: string;

  constructor(fileName: string, sha256: string) {
    super(`${fileName} must be chosen again`);
    this.fileName = fileName;
    this.sha256 = sha256;
  }
}
