// What every client is given: the edge's address, one of its client keys, and the sandbox's models.
export const url = process.env.GEMINI_EDGE_URL?.replace(/\/$/, '');
export const key = process.env.GEMINI_EDGE_KEY;
if (!url || !key) {
  console.error('GEMINI_EDGE_URL and GEMINI_EDGE_KEY must be set.');
  process.exit(64);
}

export const model = 'gemini-flash-latest';
export const embedder = 'gemini-embedding-001';

export async function collect(items) {
  const all = [];
  for await (const item of items) {
    all.push(item);
  }
  return all;
}

// What an SDK says of its own future is no failure of the edge.
process.noDeprecation = true;
globalThis.AI_SDK_LOG_WARNINGS = false;
