"""Asks one question through Google's SDK and through OpenAI's.

Nothing here knows of the edge: both SDKs read where to send it and with which key from the environment
(GOOGLE_GEMINI_BASE_URL and GEMINI_API_KEY, OPENAI_BASE_URL and OPENAI_API_KEY).
"""
import sys

from google import genai
from openai import OpenAI

MODEL = "gemini-flash-latest"
question = sys.argv[1] if len(sys.argv) > 1 else "Say hello"

answer = genai.Client().models.generate_content(model=MODEL, contents=question)
print(f"google-genai: {answer.text}")

chat = OpenAI().chat.completions.create(model=MODEL, messages=[{"role": "user", "content": question}])
print(f"openai: {chat.choices[0].message.content}")
