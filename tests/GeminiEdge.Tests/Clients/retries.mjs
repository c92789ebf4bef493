// SDKs that retry by themselves, against GEMINI_RETRIES_URL, which refuses everything with 503. The first segment of the
// path says who asks; each asks twice.
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { GoogleGenAI } from '@google/genai';
import { ChatGoogleGenerativeAI } from '@langchain/google-genai';
import { generateText } from 'ai';
import OpenAI from 'openai';

process.noDeprecation = true;
globalThis.AI_SDK_LOG_WARNINGS = false;
const url = process.env.GEMINI_RETRIES_URL.replace(/\/$/, '');
const apiKey = 'a-key-of-the-sdk-itself';
const model = 'gemini-flash-latest';
const gemini = (who) => new GoogleGenAI({ apiKey, httpOptions: { baseUrl: `${url}/${who}`, retryOptions: { attempts: 2, initialDelay: 0.01 } } });

const calls = [
  new OpenAI({ apiKey, baseURL: `${url}/openai/v1beta/openai/`, maxRetries: 1 }).chat.completions.create({ model, messages: [{ role: 'user', content: 'Hello?' }] }),
  gemini('google').models.generateContent({ model, contents: 'Hello?' }),
  gemini('interactions').interactions.create({ model, input: 'Hello?' }),
  generateText({ model: createGoogleGenerativeAI({ apiKey, baseURL: `${url}/vercel/v1beta` })(model), prompt: 'Hello?', maxRetries: 1 }),
  new ChatGoogleGenerativeAI({ apiKey, baseUrl: `${url}/langchain`, model, maxRetries: 1 }).invoke('Hello?'),
];
const answered = (await Promise.allSettled(calls)).filter(({ status }) => status === 'fulfilled');
process.exitCode = answered.length === 0 ? 0 : 1;
