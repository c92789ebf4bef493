// Vercel's AI SDK.
import assert from 'node:assert/strict';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { embed, generateObject, generateText, streamObject, streamText, uploadFile } from 'ai';
import { z } from 'zod';
import { collect, embedder, key, model, url } from './setup.mjs';

const google = createGoogleGenerativeAI({ apiKey: key, baseURL: `${url}/v1beta` });
const maxRetries = 0;
const recipe = z.object({ name: z.string(), minutes: z.number(), vegan: z.boolean(), steps: z.array(z.string()).min(1) });

export const checks = {
  async 'ai-generate'() {
    const { text, usage } = await generateText({ model: google(model), prompt: 'Say hello.', maxRetries });
    assert.ok(text.length > 0);
    assert.ok(usage.totalTokens > 0);
  },

  async 'ai-stream'() {
    const { textStream } = streamText({ model: google(model), prompt: 'Count from one to five.', maxRetries, onError: ({ error }) => { throw error; } });
    const parts = await collect(textStream);
    assert.ok(parts.length > 1, `${parts.length} part`);
    assert.ok(parts.join('').includes('one to five'));
  },

  async 'ai-object'() {
    const { object } = await generateObject({ model: google(model), schema: recipe, prompt: 'A recipe.', maxRetries });
    assert.deepEqual(recipe.parse(object), object);
  },

  async 'ai-object-stream'() {
    const { object, partialObjectStream } = streamObject({ model: google(model), schema: recipe, prompt: 'A recipe.', maxRetries });
    assert.ok((await collect(partialObjectStream)).length > 0);
    assert.ok(recipe.parse(await object));
  },

  async 'ai-embed'() {
    const { embedding } = await embed({ model: google.embedding(embedder), value: 'one', maxRetries });
    assert.ok(embedding.length > 0);
  },

  // The bytes are sent without any credential.
  async 'ai-upload'() {
    const { providerReference, mediaType } = await uploadFile({ api: google.files(), data: Buffer.alloc(300_000, 'sandbox '), mediaType: 'text/plain' });
    assert.match(providerReference.google, /\/files\//);
    const { text } = await generateText({
      model: google(model),
      maxRetries,
      messages: [{ role: 'user', content: [{ type: 'file', data: new URL(providerReference.google), mediaType }, { type: 'text', text: 'What is in it?' }] }],
    });
    assert.ok(text.includes('What is in it?'));
  },
};
