// Prints the options of this Node as lines "name kind env": node --expose-internals nodeoptions.js
// name without the leading hyphens and any no-, with hyphens for underscores.
// kind: flag, value (after = or as the next argument), v8flag, v8value (after = only).
// env: whether NODE_OPTIONS may have it.
const { internalBinding } = require('internal/test/binding');
const { execFileSync } = require('child_process');
const { options, aliases } = internalBinding('options').getCLIOptionsInfo?.() ?? internalBinding('options').getCLIOptions?.() ?? internalBinding('options');
const bare = (s) => s.replace(/^--?/, '').replace(/[= ].*/, '').replaceAll('_', '-').replace(/^no-/, '');
const found = new Map();
for (const line of execFileSync(process.execPath, ['--v8-options'], { maxBuffer: 1e8 }).toString().matchAll(/^\s+--([a-z0-9_-]+) \([^]*?type: (\w+)/gm)) {
  found.set(bare(line[1]), [line[2] === 'bool' || line[2] === 'maybe_bool' ? 'v8flag' : 'v8value', false]);
}
const v8 = new Map(found);
for (const [name, { type, envVarSettings }] of options) {
  if (name.startsWith('[') || !name.startsWith('-')) continue;
  const key = bare(name);
  const kind = type === 0 || type === 2 ? 'flag' : v8.has(key) ? v8.get(key)[0] : type === 1 ? 'v8flag' : 'value';
  found.set(key, [type >= 3 && !v8.has(key) ? 'value' : type >= 3 ? 'value' : kind, envVarSettings === 0]);
}
for (const [name, to] of aliases) {
  const [kind, env] = found.get(bare(to[0])) ?? ['flag', false];
  if (!found.has(bare(name))) found.set(bare(name), [to.some((x) => x.includes('=') || x.startsWith('<')) ? 'value' : kind, env]);
}
for (const [name, [kind, env]] of found) if (name.length > 1) console.log(name, kind, env ? 'env' : '-');
