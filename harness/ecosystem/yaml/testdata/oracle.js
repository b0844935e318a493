// Reads texts from stdin, one a line in base64, and prints for each what js-yaml makes of
// it, called as PM2 calls it (lib/Common.js:299). Usage: node oracle.js JS_YAML_FOLDER
'use strict';
const yaml = require(process.argv[2]);

// encode writes a value in the form that ecosystem.Value has as JSON.
const above = [];
function encode(v) {
  if (v === undefined) return { $: 'undefined' };
  if (v === null || typeof v === 'boolean' || typeof v === 'string') return v;
  if (typeof v === 'number' && !Number.isFinite(v)) return { $: 'number', text: String(v) };
  if (Object.is(v, -0)) return { $: 'number', text: '-0' };
  if (typeof v === 'number') return v;
  if (above.includes(v)) return { $: 'circular' };
  above.push(v);
  try {
    if (Array.isArray(v)) return v.map(encode);
    const kind = Object.prototype.toString.call(v).slice(8, -1);
    if (kind !== 'Object') return { $: 'other', text: kind };
    return { $: 'object', fields: Object.keys(v).map((k) => [k, encode(v[k])]) };
  } finally {
    above.pop();
  }
}

function answer(line) {
  try {
    return { value: encode(yaml.load(Buffer.from(line, 'base64').toString())) };
  } catch (e) {
    return { error: e.reason || e.message, line: e.mark ? e.mark.line + 1 : 0 };
  }
}

require('readline').createInterface({ input: process.stdin }).on('line', (line) => console.log(JSON.stringify(answer(line))));
