#!/usr/bin/env node
// The npm compiler behind the command line that py-solc-x, forge and Brownie expect of a native `solc`:
// `--version`, and standard JSON from stdin to stdout. Imports are read below the project and node_modules only.
// The compiler takes its input on a stack that holds some four million characters, so sources that come with their text
// are handed over one by one, when it asks for them by name.
const fs = require("fs");
const path = require("path");
const root = path.resolve(process.env.CESSION_ROOT || "@ROOT@");
const solc = require(path.join(root, "node_modules", "solc"));

if (process.argv.includes("--version")) {
  console.log("solc, the solidity compiler commandline interface\nVersion: " + solc.version());
  process.exit(0);
}
const input = JSON.parse(fs.readFileSync(0, "utf8"));
const texts = new Map();
for (const [name, source] of Object.entries(input.sources || {})) {
  if (typeof source.content !== "string") continue;
  texts.set(name, source.content);
  source.urls = [name];
  delete source.content;
}
function read(name) {
  if (texts.has(name)) return { contents: texts.get(name) };
  for (const candidate of [path.resolve(root, name), path.resolve(root, "node_modules", name)]) {
    if (candidate.startsWith(root + path.sep) && fs.existsSync(candidate)) {
      return { contents: fs.readFileSync(candidate, "utf8") };
    }
  }
  return { error: "not found below the project: " + name };
}
process.stdout.write(solc.compile(JSON.stringify(input), { import: read }));
