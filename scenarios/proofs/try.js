// Does with a configuration what an operator does, beside an app that has nothing to do
// with it, and prints what came of it as one line of JSON.
//
//   node try.js FOLDER '{"file": "ecosystem.config.js", "start": [], "steps": [...]}'
//
// A step is {"pm2": [...]}, with load on a port while it lasts if "port" is given, or
// {"wait": ms} or {"copy": [from, to]}.
'use strict';
const { spawn } = require('child_process');
const fs = require('fs');
const http = require('http');
const path = require('path');

const [, , from, text] = process.argv;
const dir = fs.mkdtempSync('/tmp/try-'); // what is tried may write
fs.cpSync(from, dir, { recursive: true });
const plan = JSON.parse(text);
const home = fs.mkdtempSync('/tmp/home-');
const env = { HOME: home, PATH: process.env.PATH, PM2_HOME: home, PM2_WORKER_INTERVAL: '2000', ...plan.env };
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

function run(args, within = 20000, cwd = dir) {
  return new Promise((done) => {
    const child = spawn('pm2', args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    const take = (b) => { out += b; };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    const limit = setTimeout(() => child.kill('SIGKILL'), within);
    child.on('exit', (code, signal) => {
      clearTimeout(limit);
      done({ code: signal ? -1 : code, hung: Boolean(signal), out });
    });
  });
}

// short is what a command did with the end of its output.
const short = (did) => ({ ...did, out: did.out.slice(-4000) });

// ask is one request on a connection of its own.
function ask(port, url = '/', within = 8000) {
  return new Promise((done) => {
    const req = http.get({ port, host: '127.0.0.1', path: url, agent: false, timeout: within }, (res) => {
      let body = '';
      res.on('data', (b) => { body += b; });
      res.on('end', () => done({ ok: res.statusCode === 200, body }));
      res.on('error', () => done({ ok: false }));
    });
    req.on('timeout', () => req.destroy());
    req.on('error', () => done({ ok: false }));
  });
}

// poll asks every so many ms until it is told to stop, and counts.
function poll(port, url, every) {
  const seen = { sent: 0, failed: 0 };
  const open = new Set();
  const timer = setInterval(() => {
    seen.sent++;
    const one = ask(port, url).then((r) => { if (!r.ok) seen.failed++; open.delete(one); });
    open.add(one);
  }, every);
  return async () => {
    clearInterval(timer);
    await Promise.all(open);
    return seen;
  };
}

const daemon = () => { try { return +fs.readFileSync(path.join(home, 'pm2.pid'), 'utf8'); } catch { return 0; } };

// foreground starts the configuration by pm2-runtime, with a home of its own: in one with
// a daemon pm2-runtime would use that. end stops it and says how it ended.
function foreground(file) {
  env.PM2_HOME = fs.mkdtempSync('/tmp/home-');
  const command = path.join(path.dirname(fs.realpathSync('/usr/local/bin/pm2')), 'pm2-runtime');
  const child = spawn(command, ['start', file], { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const did = { code: 0, hung: false, out: '', ended: false };
  const take = (b) => { did.out += b; };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const gone = new Promise((done) => child.on('exit', (code) => { did.code = code; did.ended = true; done(); }));
  return { did, end: () => { child.kill('SIGTERM'); return gone; } };
}

async function list() {
  const { out } = await run(['jlist', '--silent']);
  try {
    return JSON.parse(out.slice(out.indexOf('[{') < 0 ? out.lastIndexOf('[') : out.indexOf('[{'))).map((p) => ({
      name: p.name, id: p.pm_id, pid: p.pid, status: p.pm2_env.status, mode: p.pm2_env.exec_mode, restarts: p.pm2_env.restart_time,
      instance: String(p.pm2_env.NODE_APP_INSTANCE), kill_timeout: p.pm2_env.kill_timeout, cron: p.pm2_env.cron_restart,
      script: p.pm2_env.pm_exec_path, env: p.pm2_env.env && { FROM_FILE: p.pm2_env.env.FROM_FILE, EXTRA: p.pm2_env.EXTRA || p.pm2_env.env.EXTRA },
    }));
  } catch {
    return null;
  }
}

async function step(s) {
  if (s.wait) return sleep(s.wait).then(() => ({}));
  if (s.copy) return fs.copyFileSync(path.join(dir, s.copy[0]), path.join(dir, s.copy[1])), {};
  const stop = s.port ? poll(s.port, s.url || '/', s.every || 20) : null;
  if (stop) await sleep(300);
  const did = s.pm2 ? short(await run(s.pm2)) : (await sleep(s.load), {});
  if (stop) {
    await sleep(s.after || 500);
    did.load = await stop();
  }
  return did;
}

(async () => {
  const out = { steps: [] };
  // The daemon has the directory of the first command: not the configuration's.
  await run(['start', '/srv/lib/bystander.js', '--name', 'bystander', '--silent'], 20000, home);
  for (let i = 0; i < 100 && !(await ask(4990)).ok; i++) await sleep(50);
  const before = daemon();
  const stop = poll(4990, '/', 20);
  const front = plan.runtime ? foreground(plan.file) : null;
  out.start = front ? front.did : short(await run(['start', plan.file, ...(plan.start || [])]));
  await sleep(plan.settle === undefined ? 1500 : plan.settle);
  for (const s of plan.steps || []) out.steps.push(await step(s));
  out.list = front && front.did.ended ? [] : await list();
  out.answers = plan.port ? await ask(plan.port) : null;
  if (front) {
    out.start = short({ ...front.did });
    await front.end();
    env.PM2_HOME = home;
  }
  out.bystander = await stop();
  out.fell = daemon() !== before;
  if (out.list) out.list = out.list.filter((p) => p.name !== 'bystander');
  await run(['kill', '--silent'], 10000);
  process.stdout.write('\n' + JSON.stringify(out) + '\n');
  process.exit(0);
})();
