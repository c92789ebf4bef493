// Prints what GitHub's language service finds wrong with each workflow in a folder, one line each.
import { readdirSync, readFileSync } from "node:fs";
import { register } from "node:module";
import { join } from "node:path";
import { TextDocument } from "vscode-languageserver-textdocument";

// The service imports JSON without saying so, as bundlers let one.
const load = 'export const load = (url, context, next) => next(url, url.endsWith(".json") ? { ...context, importAttributes: { type: "json" } } : context);';
register(`data:text/javascript,${encodeURIComponent(load)}`);
const { validate } = await import("@actions/languageservice");

const folder = process.env.WORKFLOWS;
for (const name of readdirSync(folder)) {
  const document = TextDocument.create(`file:///.github/workflows/${name}`, "yaml", 1, readFileSync(join(folder, name), "utf8"));
  for (const { range, message } of await validate(document)) {
    console.log(`${name}:${range.start.line + 1}: ${message}`);
  }
}
