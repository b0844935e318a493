'use strict';
// Blocks its event loop, each in its own way, as soon as it has said so.
const ways = {
  loop: function countForEver() { for (let n = 0; ; n++) Math.sqrt(n); },
  pattern: function matchForEver() { /^(a+)+$/.test('a'.repeat(64) + '!'); },
  json: function parseForEver() { const text = JSON.stringify(Array(2000).fill({ a: 1 })); for (;;) JSON.parse(text); },
  sleep: function sleepForEver() { require('child_process').execSync('sleep 60'); },
};
console.log('blocking');
setTimeout(() => ways[process.argv[2]](), 50);
