import { openEndpoint } from './engine.ts';
import { serve } from '../serve.ts';

serve(({ source, contextSize }, emit) => {
  if (source.type !== 'endpoint') {
    throw new Error(`A model of type ${source.type} is not on a server.`);
  }
  return openEndpoint({ ...source, contextSize: contextSize ?? source.contextSize, emit });
});
