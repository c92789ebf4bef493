import { GoogleGenAI } from "@google/genai";

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (request.method !== "POST" || pathname !== "/api/generate") {
      return new Response("Not found", { status: 404 });
    }
    const { prompt } = await request.json();
    if (typeof prompt !== "string") {
      return Response.json({ error: "prompt is required" }, { status: 400 });
    }
    for (const key of [env.GEMINI_API_KEY_PRIMARY, env.GEMINI_API_KEY_SECONDARY]) {
      const key_id = key.slice(-4);
      try {
        const ai = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: env.GEMINI_BASE_URL } });
        const answer = await ai.models.generateContent({ model: "gemini-flash-latest", contents: prompt });
        console.log(JSON.stringify({ event: "gemini_ok", key_id }));
        return Response.json({ text: answer.text, model: answer.modelVersion, usage: answer.usageMetadata });
      } catch (error) {
        console.log(JSON.stringify({ event: "gemini_fail", key_id, status: error.status }));
      }
    }
    return Response.json({ error: "all keys failed" }, { status: 502 });
  },
};
