// LangChain's integration of Gemini.
import assert from 'node:assert/strict';
import { ChatGoogleGenerativeAI, GoogleGenerativeAIEmbeddings } from '@langchain/google-genai';
import { z } from 'zod';
import { collect, embedder, key, model, url } from './setup.mjs';

const chat = new ChatGoogleGenerativeAI({ apiKey: key, baseUrl: url, model, maxRetries: 0 });
const recipe = z.object({ name: z.string(), minutes: z.number() });

export const checks = {
  async 'langchain-generate'() {
    const { content, usage_metadata } = await chat.invoke('Say hello.');
    assert.ok(content.length > 0);
    assert.ok(usage_metadata.total_tokens > 0);
  },

  async 'langchain-stream'() {
    const chunks = await collect(await chat.stream('Count from one to five.'));
    assert.ok(chunks.length > 1, `${chunks.length} chunk`);
    assert.ok(chunks.map(({ content }) => content).join('').includes('one to five'));
  },

  async 'langchain-object'() {
    assert.ok(recipe.parse(await chat.withStructuredOutput(recipe).invoke('A recipe.')));
  },

  async 'langchain-embed'() {
    const embeddings = new GoogleGenerativeAIEmbeddings({ apiKey: key, baseUrl: url, model: embedder, maxRetries: 0 });
    assert.ok((await embeddings.embedQuery('one')).length > 0);
  },
};
