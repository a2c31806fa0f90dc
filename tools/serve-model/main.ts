/**
 * tsx tools/serve-model/main.ts --model FILE.gguf [--port 8099] [--name NAME] [--key KEY]
 * Serves a small model of the llama architecture over OpenAI's protocol, for trying endpoints without installing a server.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { serveModel } from './server.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    port: { type: 'string', default: '8099' },
    name: { type: 'string' },
    key: { type: 'string' },
  },
});
if (!values.model) throw new Error('Usage: --model FILE.gguf [--port N] [--name NAME] [--key KEY]');

const { url } = await serveModel({
  model: readFileSync(values.model),
  port: Number(values.port),
  ...(values.name !== undefined && { name: values.name }),
  ...(values.key !== undefined && { key: values.key }),
});
console.log(`${url}/v1`);
