'use strict';
// Kills a worker whose process has been stopped (SIGSTOP) for three seconds; PM2
// starts another. It needs nothing but Node, PM2's pid files and /proc.
const fs = require('fs');
const { PM2_HOME, PM2DRILL_APP: app, PM2DRILL_ALERT_URL: url } = process.env;
const say = (line) => console.log(JSON.stringify(line));
const state = (pid) => { try { return fs.readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').pop()[0]; } catch { return ''; } };
const since = new Map();

process.stdin.resume().on('end', () => process.exit(0)); // it ends when its stdin does
say({ type: 'ready', engine: 'node-example', version: '1', capabilities: ['detect', 'alert'] });
setInterval(() => {
  for (const file of fs.readdirSync(`${PM2_HOME}/pids`).filter((name) => name.startsWith(`${app}-`))) {
    const pid = Number(fs.readFileSync(`${PM2_HOME}/pids/${file}`, 'utf8'));
    if (state(pid) !== 'T') { since.delete(pid); continue; }
    if (!since.has(pid)) since.set(pid, Date.now());
    if (Date.now() - since.get(pid) < 3000) continue;
    since.delete(pid);
    const facts = {
      cause: 'stopped_process',
      evidence: [{ source: 'proc', text: `pid ${pid} is in state T` }],
      ruled_out: [{ cause: 'stalled_event_loop', fact: 'it uses no CPU: it does not run' }],
    };
    say({ type: 'detected', ...facts });
    say({ type: 'action', action: 'kill', phase: 'begin', pid });
    process.kill(pid, 'SIGKILL');
    say({ type: 'action', action: 'kill', phase: 'done', pid });
    const workers = [{ pid, derived: 'stopped' }];
    fetch(url, { method: 'POST', body: JSON.stringify({ status: 'firing', app, confidence: 1, workers, human: 'find out who sends SIGSTOP to workers', dedupe: `stopped_process/${app}`, ...facts }) }).catch(() => {});
  }
}, 500);
