#!/usr/bin/env bash
# Asks one question in three ways: by the edge's own route, by Gemini's, by OpenAI's. Usage: ask.sh [QUESTION]
set -euo pipefail

gemini=${GOOGLE_GEMINI_BASE_URL:-http://127.0.0.1:7071} gemini_key=${GEMINI_API_KEY:-none}
openai=${OPENAI_BASE_URL:-$gemini/v1beta/openai/} openai_key=${OPENAI_API_KEY:-$gemini_key}
question=${1:-Say hello}
quoted=\"$(sed 's/[\\"]/\\&/g' <<<"$question")\" model=gemini-flash-latest

post() { curl --silent --show-error --fail-with-body --header 'content-type: application/json' "$@"; echo; }

post "$gemini/api/generate" --header "x-goog-api-key: $gemini_key" --data "{\"prompt\":$quoted}"
post "$gemini/v1beta/models/$model:generateContent" --header "x-goog-api-key: $gemini_key" \
  --data "{\"contents\":[{\"parts\":[{\"text\":$quoted}]}]}"
post "${openai%/}/chat/completions" --header "authorization: Bearer $openai_key" \
  --data "{\"model\":\"$model\",\"messages\":[{\"role\":\"user\",\"content\":$quoted}]}"
