/** Work that ends when the graphics device is lost: what waits for a lost device may wait for ever. */
export class DeviceLoss {
  readonly #pending = new Set<(error: Error) => void>();
  #error: Error | null = null;

  /** `loss` settles with the browser's reason when the device is lost; `errorFor` says so to a person. */
  constructor(loss: Promise<string>, errorFor: (reason: string) => Error) {
    void loss.then((reason) => {
      this.#error = errorFor(reason);
      for (const reject of this.#pending) reject(this.#error);
      this.#pending.clear();
    });
  }

  /** As the work settles, or rejects at once when the device is or gets lost. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    if (this.#error) throw this.#error;
    let leave = (): void => undefined;
    const settled = new Promise<T>((resolve, reject) => {
      this.#pending.add(reject);
      leave = () => this.#pending.delete(reject);
      work().then(resolve, reject);
    });
    return settled.finally(leave);
  }
}
