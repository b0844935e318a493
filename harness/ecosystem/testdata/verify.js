// Runs PM2's own checks over configurations, one a line of JavaScript, and prints for
// each what they come to. Usage: node verify.js PM2_FOLDER FILE
'use strict';
const fs = require('fs');
const path = require('path');
const print = (o) => fs.writeSync(1, JSON.stringify(o) + '\n');
for (const m of ['log', 'info', 'warn', 'error']) console[m] = () => {};
const Common = require(path.join(process.argv[2], 'lib/Common.js'));

function encode(v) {
  if (v === undefined) return { $: 'undefined' };
  if (v === null || typeof v === 'boolean' || typeof v === 'string') return v;
  if (typeof v === 'number') return Number.isFinite(v) ? v : { $: 'number', text: String(v) };
  if (Array.isArray(v)) return v.map(encode);
  return { $: 'object', fields: Object.keys(v).map((k) => [k, encode(v[k])]) };
}

for (const line of fs.readFileSync(process.argv[3], 'utf8').trim().split('\n')) {
  const app = eval('(' + line + ')');
  try {
    const out = Common.verifyConfs([app]);
    if (out instanceof Error) print({ refused: out.message });
    else print({ value: encode(out[0]) });
  } catch (e) {
    print({ threw: e.message });
  }
}
process.exit(0);
