'use strict';
// An engine that looks at all there is to see and tells of it: its own environment, every
// process, every file that it may read outside of what the image brings, sockets and names.
// It tells of what comes and goes quickly (`quick`) once, the moment it shows. And it reaches
// for what is not its own (`reach`).
const fs = require('fs');
const net = require('net');
const path = require('path');

const tell = (where, text) => {
  for (let at = 0; at < text.length; at += 50000) {
    console.log(JSON.stringify({ type: 'seen', where, text: text.slice(at, at + 50000) }));
  }
};
const attempt = (f) => { try { return f(); } catch (err) { return ''; } };
const read = (file) => attempt(() => fs.readFileSync(file, 'latin1'));
const pids = () => fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name));

console.log(JSON.stringify({ type: 'ready', engine: 'peeks', capabilities: [] }));
tell('own environment', Object.entries(process.env).map(([k, v]) => `${k}=${v}`).join('\n'));

function processes() {
  for (const pid of pids()) {
    for (const file of ['cmdline', 'environ', 'comm', 'maps', 'mountinfo', 'cgroup', 'status']) tell(`/proc/${pid}/${file}`, read(`/proc/${pid}/${file}`));
    for (const link of ['exe', 'cwd', 'root', 'ns/net', 'ns/mnt']) tell(`/proc/${pid}/${link}`, attempt(() => fs.readlinkSync(`/proc/${pid}/${link}`)));
    for (const fd of attempt(() => fs.readdirSync(`/proc/${pid}/fd`)) || []) {
      tell(`/proc/${pid}/fd/${fd}`, attempt(() => fs.readlinkSync(`/proc/${pid}/fd/${fd}`)));
    }
  }
}

const entries = (dir) => attempt(() => fs.readdirSync(dir, { withFileTypes: true })) || [];

function files(dir) {
  for (const entry of entries(dir)) {
    const name = path.join(dir, entry.name);
    tell('a file', name);
    if (entry.isDirectory() && entry.name !== 'node_modules') files(name);
    if (entry.isFile() && /\.(js|json|md|log|sh)$/.test(name)) tell(name, attempt(() => fs.readFileSync(name, 'utf8')));
  }
}

const known = new Set();
function quick(where, text) {
  if (text && !known.has(where + text)) tell(`quick ${where}`, text);
  known.add(where + text);
}

// listening are the local ports and the names of sockets on which anybody listens.
function sockets() {
  for (const line of read('/proc/net/tcp').split('\n').concat(read('/proc/net/tcp6').split('\n'))) {
    const columns = line.trim().split(/\s+/);
    if (columns[3] === '0A') quick('port', `${columns[1]} of user ${columns[7]}`);
  }
  for (const line of read('/proc/net/unix').split('\n')) {
    const name = line.trim().split(/\s+/)[7];
    if (name) quick('socket', name);
  }
}

function glance() {
  for (const pid of pids()) if (!forked(pid)) quick('command', read(`/proc/${pid}/cmdline`).replaceAll('\0', ' '));
  const apps = entries('/srv').filter((entry) => entry.isDirectory() && entry.name !== 'node_modules');
  for (const dir of ['/srv', '/tmp', '/run', '/opt', '/home/node'].concat(apps.map((entry) => `/srv/${entry.name}`))) {
    for (const entry of entries(dir)) quick('file', path.join(dir, entry.name));
  }
  sockets();
}

// journal is the socket that the app's workers write to, as their environment says.
const journal = pids().map((pid) => /ACCESS_SOCKET=([^\0]*)/.exec(read(`/proc/${pid}/environ`)) || /"ACCESS_SOCKET":"([^"]*)"/.exec(read(`/proc/${pid}/environ`)))
  .filter(Boolean).map((m) => m[1])[0];

function reach() {
  tell('reach name', journal || 'none');
  const socket = net.connect(journal, () => {
    const release = entries('/srv').map((entry) => read(`/srv/${entry.name}/REVISION`).trim()).find(Boolean);
    socket.write(`${JSON.stringify({ at: Number(process.hrtime.bigint()), id: release, pid: process.pid, worker: '0', phase: 'asks' })}\n`);
    socket.on('data', (text) => tell('reach release', text.toString('latin1')));
    socket.write(`${JSON.stringify({ at: Number(process.hrtime.bigint()), id: 'forged', pid: process.pid, worker: '0', phase: 'finished' })}\n`);
  });
  socket.on('error', (err) => tell('reach journal', err.code));
  for (const f of [() => fs.unlinkSync(journal), () => fs.renameSync(journal, '/run/other')]) {
    try { f(); tell('reach socket', 'done'); } catch (err) { tell('reach socket', err.code); }
  }
}

// memory looks through what the workers have in theirs for the app that they were told to
// run, in words.
function memory() {
  for (const pid of pids().filter((pid) => /^node \/srv/.test(read(`/proc/${pid}/cmdline`)))) {
    const found = [];
    const fd = attempt(() => fs.openSync(`/proc/${pid}/mem`));
    if (!fd) continue;
    for (const line of read(`/proc/${pid}/maps`).split('\n')) {
      const m = /^([0-9a-f]+)-([0-9a-f]+) rw-p \S+ \S+ 0\s*(\[heap\])?$/.exec(line);
      const from = m ? parseInt(m[1], 16) : 0;
      const size = m ? Math.min(parseInt(m[2], 16) - from, 8 << 20) : 0;
      const buffer = Buffer.alloc(size);
      const n = size ? attempt(() => fs.readSync(fd, buffer, 0, size, from)) : 0;
      if (n) found.push(...(buffer.toString('latin1', 0, n).match(/"(run|release|app)":("[a-z-]{4,}"|\d+)|\/[a-z]+\/[0-9a-f]{32}(?![0-9a-f])/g) || []));
    }
    fs.closeSync(fd);
    tell('reach memory', found.length ? found.join(' ') : 'nothing');
  }
}

// A process that PM2 has just forked is called by PM2's own file for a moment, whatever it
// will be.
const forked = (pid) => /ProcessContainer/.test(read(`/proc/${pid}/cmdline`));
while (pids().some(forked));

processes();
for (const dir of ['/srv', '/home', '/tmp', '/opt/agent', '/run', '/var/log']) files(dir);
for (const file of ['/etc/hosts', '/etc/hostname', '/etc/resolv.conf', '/proc/net/route', '/etc/nsswitch.conf', '/proc/mounts', '/proc/self/cgroup']) tell(file, read(file));
reach();
memory();
tell('reach done', 'the first tour');
setInterval(glance, 50);
setInterval(processes, 5000); // the fault comes later
process.stdin.resume().on('end', () => process.exit(0));
