// Evaluates many configurations, each in a thread of its own, whose globals and modules
// are new: `{"dir": ..., "file": ..., "dialect": ...}` a line on stdin, and on stdout what
// oracle.js prints for it. A thread has no working directory of its own, so they run one
// after another.
'use strict';
const { Worker } = require('worker_threads');
const lines = require('readline').createInterface({ input: process.stdin });
const [, , oracle, home] = process.argv;

// longest is how long one may take, in ms.
const longest = 5000;

function evaluate({ dir, file, dialect }) {
  process.chdir(dir);
  return new Promise((done) => {
    let said = '';
    const worker = new Worker(oracle, { argv: [file, dialect], env: { HOME: home }, stdout: true, stderr: true, resourceLimits: { maxOldGenerationSizeMb: 256 } });
    const limit = setTimeout(() => worker.terminate(), longest);
    worker.on('message', (text) => { said = text; });
    worker.on('error', (e) => { said = said || JSON.stringify({ error: `worker: ${e && e.code}` }); });
    worker.on('exit', () => {
      clearTimeout(limit);
      done(said || JSON.stringify({ error: 'the thread has ended' }));
    });
  });
}

(async () => {
  for await (const line of lines) process.stdout.write(`${await evaluate(JSON.parse(line))}\n`);
})();
