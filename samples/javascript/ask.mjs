// Asks one question through Google's SDK and through OpenAI's. Nothing here knows of the edge: both SDKs read where to send it and with
// which key from the environment (GOOGLE_GEMINI_BASE_URL and GEMINI_API_KEY, OPENAI_BASE_URL and OPENAI_API_KEY).
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';

const model = 'gemini-flash-latest';
const question = process.argv[2] ?? 'Say hello';

const answer = await new GoogleGenAI({}).models.generateContent({ model, contents: question });
console.log(`@google/genai: ${answer.text}`);

const stream = await new OpenAI().chat.completions.create({ model, messages: [{ role: 'user', content: question }], stream: true });
process.stdout.write('openai: ');
for await (const chunk of stream) {
  process.stdout.write(chunk.choices[0]?.delta?.content ?? '');
}
console.log();
