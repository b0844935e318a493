'use strict';
// An engine that looks at all there is to see and tells of it: its own environment,
// every process, every file that it may read outside of what the image brings.
const fs = require('fs');
const path = require('path');

const tell = (where, text) => {
  for (let at = 0; at < text.length; at += 50000) {
    console.log(JSON.stringify({ type: 'seen', where, text: text.slice(at, at + 50000) }));
  }
};
const attempt = (f) => { try { return f(); } catch (err) { return ''; } };

console.log(JSON.stringify({ type: 'ready', engine: 'peeks', capabilities: [] }));
tell('own environment', Object.entries(process.env).map(([k, v]) => `${k}=${v}`).join('\n'));

function processes() {
  for (const pid of fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    for (const file of ['cmdline', 'environ', 'comm', 'maps', 'mountinfo', 'cgroup', 'status']) {
      tell(`/proc/${pid}/${file}`, attempt(() => fs.readFileSync(`/proc/${pid}/${file}`, 'latin1')));
    }
    for (const link of ['exe', 'cwd', 'root']) {
      tell(`/proc/${pid}/${link}`, attempt(() => fs.readlinkSync(`/proc/${pid}/${link}`)));
    }
    for (const fd of attempt(() => fs.readdirSync(`/proc/${pid}/fd`)) || []) {
      tell(`/proc/${pid}/fd/${fd}`, attempt(() => fs.readlinkSync(`/proc/${pid}/fd/${fd}`)));
    }
  }
}

function files(dir) {
  for (const entry of attempt(() => fs.readdirSync(dir, { withFileTypes: true })) || []) {
    const name = path.join(dir, entry.name);
    tell('a file', name);
    if (entry.isDirectory() && entry.name !== 'node_modules') files(name);
    if (entry.isFile() && /\.(js|json|md|log|sh)$/.test(name)) tell(name, attempt(() => fs.readFileSync(name, 'utf8')));
  }
}

processes();
for (const dir of ['/srv', '/home', '/tmp', '/opt/agent', '/run', '/var/log']) files(dir);
setInterval(processes, 5000); // the fault comes later
process.stdin.resume().on('end', () => process.exit(0));
