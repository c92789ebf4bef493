// What belongs to one key's project, by Google's own SDK: downloads, the results of a batch; and structured output.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { collect, key, model, url } from './setup.mjs';

const gemini = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: url } });
const openai = new OpenAI({ apiKey: key, baseURL: `${url}/v1beta/openai/`, maxRetries: 0 });
const recipe = {
  type: 'object',
  properties: { name: { type: 'string' }, minutes: { type: 'integer' }, steps: { type: 'array', items: { type: 'string' }, minItems: 1 } },
  required: ['name', 'minutes', 'steps'],
  additionalProperties: false,
};

function assertRecipe(text) {
  const { name, minutes, steps } = JSON.parse(text);
  assert.equal(typeof name, 'string');
  assert.ok(Number.isInteger(minutes));
  assert.ok(steps.length > 0 && steps.every((step) => typeof step === 'string'));
}

async function download(file) {
  const folder = await mkdtemp(join(tmpdir(), 'gemini-edge-'));
  const downloadPath = join(folder, 'file');
  try {
    await gemini.files.download({ file, downloadPath });
    for (let look = 0; look < 200; look++) {
      const bytes = await readFile(downloadPath).catch(() => Buffer.alloc(0));
      if (bytes.length > 0) {
        return bytes;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error('The SDK wrote no file.');
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function batchResult(src) {
  const made = await gemini.batches.create({ model, src });
  for (let look = 0; look < 200; look++) {
    const batch = await gemini.batches.get({ name: made.name });
    if (batch.state === 'JOB_STATE_SUCCEEDED') {
      return batch.dest;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('The batch did not end.');
}

export const checks = {
  async download() {
    const bytes = Buffer.alloc(400_000, 'sandbox ');
    const file = await gemini.files.upload({ file: new Blob([bytes], { type: 'text/plain' }) });
    assert.deepEqual(await download(file.name), bytes);
  },

  async 'batch-inline'() {
    const { inlinedResponses } = await batchResult([{ contents: [{ role: 'user', parts: [{ text: 'Say hello.' }] }] }]);
    assert.ok(inlinedResponses[0].response.candidates[0].content.parts[0].text.length > 0);
  },

  async 'batch-file'() {
    const lines = ['one', 'two'].map((name) => JSON.stringify({ key: name, request: { contents: [{ role: 'user', parts: [{ text: `Say ${name}.` }] }] } }));
    const file = await gemini.files.upload({ file: new Blob([lines.join('\n')], { type: 'application/jsonl' }) });
    const { fileName } = await batchResult(file.name);
    const results = (await download(fileName)).toString().trim().split('\n').map((line) => JSON.parse(line));
    assert.deepEqual(results.map(({ key: name }) => name), ['one', 'two']);
    assert.ok(results.every(({ response }) => response.candidates[0].content.parts[0].text.length > 0));
  },

  async structured() {
    const config = { responseMimeType: 'application/json', responseJsonSchema: recipe };
    assertRecipe((await gemini.models.generateContent({ model, contents: 'A recipe.', config })).text);
    const chunks = await collect(await gemini.models.generateContentStream({ model, contents: 'A recipe.', config }));
    assertRecipe(chunks.map(({ text }) => text ?? '').join(''));
  },

  async 'openai-structured'() {
    const { choices } = await openai.chat.completions.create({
      model,
      messages: [{ role: 'user', content: 'A recipe.' }],
      response_format: { type: 'json_schema', json_schema: { name: 'recipe', schema: recipe, strict: true } },
    });
    assertRecipe(choices[0].message.content);
  },
};
