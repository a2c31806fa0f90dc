/** A GGUF model whose file comes with the app. */
export interface BuiltInModel {
  readonly id: string;
  readonly name: string;
  /** Of its file, relative to the page. */
  readonly path: string;
  /** In MB of 10⁶ bytes. */
  readonly sizeMb: number;
  /** In MB of 2²⁰ bytes. Approximate. */
  readonly memoryMb: number;
  readonly licence: string;
  /** What it is, in a sentence or two. */
  readonly note: string;
}

/** The model that everybody has: it shows the method on any machine, with nothing to download. */
export const pocket: BuiltInModel = {
  id: 'pocket',
  name: 'Pocket',
  path: 'models/pocket.gguf',
  sizeMb: 1.7,
  memoryMb: 291,
  licence: 'MIT',
  note: 'A very small model, trained from scratch on a made-up small world of everyday things, animals, plants and food. It knows nothing else: it is here to show the method, not to be useful.',
};

/** All models that come with the app. */
export const builtInModels: readonly BuiltInModel[] = [pocket];

/** The built-in model with this id; undefined for one of another version of the app. */
export function builtInModel(id: string): BuiltInModel | undefined {
  return builtInModels.find((model) => model.id === id);
}
