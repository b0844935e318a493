'use strict'; // An engine: it kills a worker that has been stopped (SIGSTOP) for three seconds, and PM2 starts another.
const fs = require('fs'), since = new Map(); // by pid: when it was first seen stopped
const { PM2_HOME, ENGINE_APP: app, ENGINE_URL, ENGINE_ALERT_URL } = process.env;
const say = (type, more) => console.log(JSON.stringify({ type, ...more }));
const web = (url, init) => fetch(url, { ...init, signal: AbortSignal.timeout(2000) }).then((r) => r.status < 500, () => false);
const read = (file) => { try { return fs.readFileSync(file, 'utf8').trim(); } catch { return ''; } }; // it may be gone by now
const workers = () => fs.readdirSync(`${PM2_HOME}/pids`).map((file) => {
  const [, name, id] = /^(.*)-(\d+)\.pid$/.exec(file) || [], pid = read(`${PM2_HOME}/pids/${file}`);
  const [state, parent] = read(`/proc/${pid}/stat`).split(') ').pop().split(' '); // PID (NAME) STATE PARENT ...
  return { name, id: Number(id), pid: Number(pid), derived: `state ${state}`, parent };
}).filter((w) => w.name === app.replace(/[^a-zA-Z0-9.-]/g, '-') && w.parent === read(`${PM2_HOME}/pm2.pid`));
async function look(table = workers(), now = performance.now()) {
  for (const w of table) if (w.derived !== 'state T') since.delete(w.pid); else if (!since.has(w.pid)) since.set(w.pid, now);
  const { id, pid } = table.find((w) => now - since.get(w.pid) > 3000) || {};
  if (!pid) return;
  const evidence = [{ source: 'proc', text: `pid ${pid} has been in state T for 3 s` }, { source: 'probe', text: `healthy: ${await web(ENGINE_URL)}` }];
  const finding = { cause: 'stopped_process', evidence, ruled_out: [{ cause: 'stalled_event_loop', fact: 'such a worker runs; this one is in state T' }] };
  const people = { workers: table, human: `find out who sent SIGSTOP to worker ${id}`, dedupe: `${app} stopped_process ${id}`, confidence: 0.98 };
  const alert = (status) => web(ENGINE_ALERT_URL, { method: 'POST', body: JSON.stringify({ engine: 'example-node', status, app, ...finding, ...people }) });
  say('detected', finding);
  say('action', { action: 'kill', phase: 'begin', id, pid });
  say('action', { action: 'kill', phase: process.kill(pid, 'SIGKILL') ? 'done' : 'failed', id, pid });
  await alert('firing').then(() => new Promise((booted) => setTimeout(booted, 3000)));
  if (!workers().some((w) => w.id === id && w.pid !== pid) || !(await web(ENGINE_URL))) return;
  say('verified', { cause: finding.cause, by: ['pid file', 'probe'] });
  await alert('resolved');
}
process.stdin.on('end', () => process.exit(0)).resume();
say('ready', { engine: 'example-node', version: '1', capabilities: ['detect', 'alert'] });
(async function again() { await look().catch(console.error); setTimeout(again, 500); })();
