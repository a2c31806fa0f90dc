import {
  deleteModelAllInfoInCache,
  MLCEngine,
  modelVersion,
  prebuiltAppConfig,
  type InitProgressReport,
} from '@mlc-ai/web-llm';
import { DrpoError } from '../core/errors.ts';
import type { LoadProgress } from './boundary.ts';
import { probeDevice, whyNot } from './device.ts';
import { serve } from './serve.ts';
import { openWebLlm, type MlcEngine } from './web-llm-engine.ts';
import { webLlmModels, type ListedModel } from './web-llm-models.ts';
import { progressOf } from './web-llm-progress.ts';

serve(async ({ source, contextSize }, emit) => {
  const id = source.type === 'web-llm' ? source.id : '';
  const model = webLlmModels.find((listed) => listed.id === id);
  if (!model) {
    throw new DrpoError('model-missing', `There is no model “${id}”. Choose one of the list.`);
  }
  const reason = whyNot(model, await probeDevice());
  if (reason) throw reason;
  const engine = new MLCEngine({
    appConfig: prebuiltAppConfig,
    logLevel: 'ERROR',
    initProgressCallback: (report) => emit({ type: 'progress', progress: progress(report, model) }),
  });
  return openWebLlm({
    // Its types do not show the private parts, and have more fields than we send.
    engine: engine as unknown as MlcEngine,
    model,
    library: modelVersion,
    contextSize,
    emit,
    forget: () => deleteModelAllInfoInCache(id, prebuiltAppConfig),
    pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
});

function progress({ progress, text }: InitProgressReport, model: ListedModel): LoadProgress {
  return progressOf(text, progress, model.sizeMb);
}
