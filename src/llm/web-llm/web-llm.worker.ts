import { MLCEngine, prebuiltAppConfig, type AppConfig, type ModelRecord } from '@mlc-ai/web-llm';
import { DrpoError } from '../../core/errors.ts';
import type { LoadOrder, WorkerEvent } from '../boundary.ts';
import { probeDevice, whyNot } from '../device.ts';
import { deleteFile, libraryFile, mlcBase } from '../mlc/cache.ts';
import { fetchMlc } from '../mlc/files.ts';
import { serve } from '../serve.ts';
import type { MlcEngine } from './contract.ts';
import { openWebLlm } from './engine.ts';
import { browserShelf, chooseLibrary, libraryAt, type Library } from './library.ts';
import { webLlmModels, type ListedModel } from './models.ts';
import { progressOf } from './progress.ts';
import { weightsOf, type WebLlmWeights } from './prompt.ts';

serve(
  async (order, emit) => {
    const plan = await planFor(order.source);
    const appConfig: AppConfig = { ...prebuiltAppConfig, model_list: [plan.record] };
    const { sizeMb } = plan.model;
    const engine = new MLCEngine({
      appConfig,
      logLevel: 'ERROR',
      initProgressCallback: ({ text, progress }) =>
        emit({ type: 'progress', progress: progressOf(text, progress, sizeMb) }),
    });
    return openWebLlm({
      // Its types do not show the private parts, and have more fields than we send.
      engine: engine as unknown as MlcEngine,
      model: plan.model,
      weights: plan.weights,
      library: plan.library.version,
      contextSize: order.contextSize,
      emit,
      fetch: () => bring(plan, emit),
      forget: () => deleteFile(libraryFile(plan.library.url)),
    });
  },
  async (order, emit) => {
    await bring(await planFor(order.source), emit);
  },
);

/** What is to be loaded, and from where. */
interface Plan {
  readonly model: ListedModel;
  readonly weights: WebLlmWeights;
  readonly library: Library;
  /** web-llm's record of it. */
  readonly record: ModelRecord;
}

/** Rejects with a reason if this device cannot run the model: nothing is downloaded then. */
async function planFor(source: LoadOrder['source']): Promise<Plan> {
  const { model, record } = listed(source);
  const device = await probeDevice();
  const reason = whyNot(model, device);
  if (reason) throw reason;
  const other = source.type === 'mlc' ? source : null;
  const weights = weightsOf(model, other);
  const library = other?.libraryUrl
    ? libraryAt(other.libraryUrl)
    : await chooseLibrary(record.model_lib, device.subgroups, browserShelf);
  const base = mlcBase(other?.url ?? record.model);
  return {
    model,
    weights,
    library,
    record: { ...record, model: base, model_id: weights.id, model_lib: library.url },
  };
}

/** The listed model that an order is for, or whose library it is for, with web-llm's own record of it. */
function listed(source: LoadOrder['source']): { model: ListedModel; record: ModelRecord } {
  const id = source.type === 'web-llm' ? source.id : source.type === 'mlc' ? source.library : '';
  const model = webLlmModels.find((one) => one.id === id);
  const record = prebuiltAppConfig.model_list.find((one) => one.model_id === id);
  if (!model || !record) {
    throw new DrpoError('model-missing', `There is no model “${id}”. Choose one of the list.`);
  }
  return { model, record };
}

async function bring(
  { library, record }: Plan,
  emit: (event: WorkerEvent) => void,
): Promise<string> {
  const { revision } = await fetchMlc(
    { base: record.model, libraryUrl: library.url },
    { onProgress: (progress) => emit({ type: 'progress', progress }) },
  );
  return revision;
}
