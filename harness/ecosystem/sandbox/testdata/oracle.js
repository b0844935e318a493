// Evaluates a configuration as PM2 does (Common.parseConfig, lib/Common.js:279) and
// prints what it is, in the form that ecosystem.Value has as JSON. In a thread of many.js
// it posts it.
'use strict';
const fs = require('fs');
const path = require('path');
const [, , file, dialect] = process.argv;
const { isMainThread, parentPort } = require('worker_threads');
const print = (o) => (isMainThread ? fs.writeSync(1, '\n' + JSON.stringify(o) + '\n') : parentPort.postMessage(JSON.stringify(o)));
const quiet = () => {};
for (const m of ['log', 'info', 'warn', 'error', 'debug']) console[m] = quiet;

function load() {
  if (dialect === 'json') return require('vm').runInThisContext('(' + fs.readFileSync(file) + ')', { filename: file });
  return require(path.resolve(file));
}

const seen = [];
function encode(v) {
  if (v === undefined) return { $: 'undefined' };
  if (v === null || typeof v === 'boolean' || typeof v === 'string') return v;
  if (typeof v === 'number') return Number.isFinite(v) ? v : { $: 'number', text: String(v) };
  if (typeof v === 'bigint') return { $: 'other', text: 'BigInt' };
  if (typeof v === 'symbol') return { $: 'other', text: 'Symbol' };
  if (typeof v === 'function') return { $: 'function' };
  if (seen.includes(v)) return { $: 'circular' };
  seen.push(v);
  try {
    if (Array.isArray(v)) return Array.from({ length: v.length }, (_, i) => encode(v[i]));
    const kind = Object.prototype.toString.call(v).slice(8, -1);
    if (!['Object', 'Error', 'Arguments', 'Module'].includes(kind)) return { $: 'other', text: kind };
    return { $: 'object', fields: Object.keys(v).map((k) => [k, encode(v[k])]) };
  } finally {
    seen.pop();
  }
}

process.on('exit', (code) => { if (!done) print({ error: 'exit ' + code }); });
let done = false;
let out;
try {
  out = { value: encode(load()) };
} catch (e) {
  out = { error: String(e && (e.code || e.message) || e) || 'no words' };
}
done = true;
print(out);
process.exit(0);
