// Evaluates a configuration in Node as PM2 does (Common.parseConfig, lib/Common.js:279).
// The question is JSON on stdin, the answer one line on stdout that begins with the
// question's mark. The module sandbox says which of Node's answers nobody knows
// beforehand; here they are replaced by the same assumptions, and what would act on the
// host is noted and not done.
// It is a module that Node loads before its main script, of which there is none: the text
// of -e would have globals that pm2 has not.
import { createRequire } from 'node:module';
const require = createRequire('/');
const fs = require('fs'), os = require('os'), path = require('path'), util = require('util');
const { writeSync, readFileSync } = fs;
const leave = process.reallyExit.bind(process), text = JSON.stringify, Syntax = SyntaxError; // whatever the file makes of these names
const ask = JSON.parse(readFileSync(0, 'utf8'));
const { world } = ask;
const answer = { effects: [], reads: [], open: [], files: [] };

const finish = () => {
  const bytes = Buffer.from(`\n${ask.mark}${text(answer)}\n`);
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(1, bytes, at);
    } catch (e) {
      if (e.code !== 'EAGAIN') leave(70);
    }
  }
  leave(0);
};

// place is the line and column of the configuration in a stack, or nothing.
const place = (stack) => {
  for (const line of String(stack).split('\n')) {
    for (const name of [ask.entry, ask.path]) {
      const at = line.indexOf(`${name}:`);
      const found = at < 0 ? null : /^:(\d+)(?::(\d+))?/.exec(line.slice(at + name.length));
      if (found) return { line: +found[1], col: +(found[2] || 0) };
    }
  }
  return {};
};
const unsupported = (what) => {
  Object.assign(answer, { unsupported: what, ...place(new Error().stack) });
  finish();
};
const open = (why) => { if (!answer.open.includes(why)) answer.open.push(why); };
const guess = (why) => (open(why), world.Text);
const effect = (what, call) => answer.effects.push({ what, call });
const shown = (args) => args.slice(0, 1).map((a) => (typeof a === 'string' ? text(a) : typeof a === 'symbol' ? a.toString() : `${a}`)).join(', ');
const noting = (what, call, then) => (...args) => (effect(what, `${call}(${shown(args)})`), then && then(...args));

// put gives an object properties of ours, whatever they were.
const put = (owner, all) => { for (const [name, value] of Object.entries(all)) Object.defineProperty(owner, name, { value, writable: true, enumerable: true, configurable: true }); };

// Chance and the clock.
let seed = 7 + world.Index;
const next = () => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) / 0x80000000;
Math.random = () => (open('Math.random() differs each time'), next() / 2 + (world.Low ? 0 : 0.5));
const later = world.Later / 1e6;
const RealDate = Date, realNow = Date.now;
const now = () => (open('the clock differs each time'), realNow() + later);
function Day(...args) {
  if (new.target === undefined) return new RealDate(now()).toString();
  return Reflect.construct(RealDate, args.length ? args : [now()], new.target === Day ? RealDate : new.target);
}
Object.defineProperties(Day, Object.getOwnPropertyDescriptors(RealDate));
Object.defineProperty(Day, 'name', { value: 'Date', configurable: true });
Day.now = now;
Object.defineProperty(RealDate.prototype, 'constructor', { value: Day, writable: true, configurable: true });
globalThis.Date = Day;
const local = (owner, name, methods) => {
  for (const m of methods) {
    Object.defineProperty(owner.prototype, m, { value: () => guess(`${name}.prototype.${m} depends on the host's language and time zone`), writable: true, configurable: true });
  }
};
local(RealDate, 'Date', ['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString', 'toString', 'toTimeString']);
local(Number, 'Number', ['toLocaleString']);
for (const name of ['DateTimeFormat', 'NumberFormat']) {
  const format = () => guess(`Intl.${name}.format(), which depends on its language and time zone, is the host's`);
  Object.defineProperty(Intl[name].prototype, 'format', { get: () => format, configurable: true });
  Intl[name].prototype.resolvedOptions = () => ({ locale: guess('the locale, which depends on its language and time zone, is the host\'s'),
    timeZone: guess('the time zone, which depends on its language and time zone, is the host\'s') });
}
const crypto = require('crypto');
const random = (into) => {
  open('random bytes differ each time');
  for (let i = 0; i < into.length; i++) into[i] = next() * 256;
  return into;
};
const uuid = () => {
  const b = random(Buffer.alloc(16));
  b[6] = (b[6] & 15) | 64, b[8] = (b[8] & 63) | 128;
  return b.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
};
const fill = (into) => (random(new Uint8Array(into.buffer, into.byteOffset, into.byteLength)), into);
const randomInt = (low, high) => {
  const [from, to] = high === undefined || typeof high === 'function' ? [0, low] : [low, high];
  return from + Math.floor(Math.random() * (to - from));
};
put(crypto, { randomBytes: (n) => random(Buffer.alloc(n)), randomUUID: uuid, randomInt, randomFillSync: fill }); // crypto.getRandomValues is that of webcrypto
for (const web of [globalThis.crypto, crypto.webcrypto]) if (web) put(web, { randomUUID: uuid, getRandomValues: fill });

// The host.
const ofHost = (what) => guess(`${what} is the host's`);
const numberOfHost = (what) => () => Number(ofHost(what));
put(os, {
  cpus: () => Array.from({ length: ask.cpus }, () => ({
    get model() { return guess('os.cpus() names the processor of this host'); }, get speed() { return Number(guess('os.cpus() has the speed of this host')); },
  })),
  availableParallelism: () => ask.cpus,
  totalmem: () => ask.memory || (open('os.totalmem() is the host\'s (say it with --memory)'), world.Memory),
  freemem: () => (open('os.freemem() is the host\'s'), Math.floor(world.Memory / 3)), uptime: numberOfHost('os.uptime()'), loadavg: () => [0, 1, 2].map(numberOfHost('os.loadavg()')),
  hostname: () => ofHost('os.hostname()'), release: () => ofHost('os.release()'), version: () => ofHost('os.version()'),
  userInfo: () => ({ username: ofHost('os.userInfo()'), homedir: ask.env.HOME || ofHost('os.userInfo()'), shell: ofHost('os.userInfo()') }),
});
if (ask.only) os.networkInterfaces = () => unsupported('os.networkInterfaces(), which is the host\'s (--with-node=host has those of this one)');
performance.now = numberOfHost('performance.now()');

// The process.
const owned = { ...ask.env };
for (const k of Object.keys(process.env)) delete process.env[k];
Object.assign(process.env, owned);
const byFile = () => !/^\s*at .*\(?node:/.test(new Error().stack.split('\n')[3] || '');
const has = (target, key) => Object.prototype.hasOwnProperty.call(target, key);
process.env = new Proxy(process.env, {
  get(target, key) {
    if (typeof key === 'string' && byFile()) answer.reads.push({ name: key, set: has(target, key) });
    return target[key];
  },
  has(target, key) {
    if (typeof key === 'string' && byFile()) answer.reads.push({ name: key, set: has(target, key) });
    return key in target;
  },
  set(target, key, value) {
    effect('changes the environment', `process.env.${String(key)} = ...`);
    target[key] = String(value);
    return true;
  },
});
process.argv = ['/usr/bin/node', '/usr/bin/pm2', 'start', ask.path, ...(ask.name ? ['--env', ask.name] : [])];
put(process, { execArgv: [], execPath: '/usr/bin/node', title: 'pm2' });
const fixed = (name, get) => Object.defineProperty(process, name, { get, configurable: true });
fixed('pid', () => Number(ofHost('process.pid')));
fixed('ppid', () => Number(ofHost('process.ppid')));
const exit = (code) => {
  const call = `process.exit(${code === undefined ? 0 : code})`;
  effect('exits', call);
  answer.error = { text: `the file ends pm2: it calls ${call}`, exit: true };
  finish();
};
const loadEnvFile = process.loadEnvFile;
if (loadEnvFile) {
  process.loadEnvFile = (...args) => {
    const before = new Set(Object.keys(process.env));
    loadEnvFile.apply(process, args);
    effect('changes the environment', `process.loadEnvFile(${shown(args.length ? args : ['.env'])})`);
    for (const k of Object.keys(process.env)) if (!before.has(k)) effect('changes the environment', `process.env.${k} = ...`);
  };
}
put(process, {
  exit, reallyExit: exit, abort: () => exit(134), chdir: noting('changes the directory', 'process.chdir', () => unsupported('process.chdir')),
  uptime: numberOfHost('process.uptime()'), umask: () => unsupported('process.umask()'), kill: noting('sends a signal', 'process.kill', () => true),
  memoryUsage: () => ({ rss: Number(ofHost('process.memoryUsage()')), heapTotal: Number(ofHost('process.memoryUsage()')), heapUsed: Number(ofHost('process.memoryUsage()')) }),
  hrtime: Object.assign(() => [Number(ofHost('process.hrtime()')), 7], { bigint: () => BigInt(ofHost('process.hrtime()')) }),
  emitWarning: noting('prints', 'process.emitWarning'),
});
for (const n of ['getuid', 'getgid', 'geteuid', 'getegid']) process[n] = numberOfHost(`process.${n}()`);
for (const n of ['on', 'once', 'addListener', 'prependListener']) process[n] = noting('listens', `process.${n}`, () => process);
for (const n of ['log', 'info', 'warn', 'error', 'debug', 'trace', 'table', 'dir', 'group', 'groupEnd', 'groupCollapsed', 'time', 'timeEnd']) console[n] = noting('prints', `console.${n}`);
for (const n of ['stdout', 'stderr']) process[n].write = noting('prints', `process.${n}.write`, () => true);
for (const n of ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate', 'queueMicrotask']) globalThis[n] = (...args) => (effect('schedules work', `${n}()`), { ref() {}, unref() {} });

// Files. What is written is not; in a container nothing is there but the project.
for (const n of ['writeFileSync', 'appendFileSync', 'mkdirSync', 'unlinkSync', 'rmSync', 'rmdirSync', 'copyFileSync', 'renameSync', 'chmodSync', 'symlinkSync',
  'writeFile', 'appendFile', 'mkdir', 'unlink', 'rm']) fs[n] = noting('writes a file', `fs.${n}`);
for (const n of ['createWriteStream', 'mkdtempSync', 'truncateSync', 'cpSync']) fs[n] = noting('writes a file', `fs.${n}`, () => unsupported(`what fs.${n} returns`));
const within = (file) => [ask.only, '/dev/null'].some((dir) => file === dir || file.startsWith(dir === '/' ? dir : `${dir}/`));
const named = (file) => {
  try { return typeof file === 'string' || Buffer.isBuffer(file) ? path.resolve(String(file)) : file instanceof URL ? require('url').fileURLToPath(file) : ''; } catch { return ''; }
};
for (const n of ['readFileSync', 'existsSync', 'statSync', 'lstatSync', 'accessSync', 'readdirSync', 'realpathSync', 'openSync', 'readlinkSync', 'opendirSync', 'readFile', 'createReadStream']) {
  const real = fs[n];
  fs[n] = Object.assign(function (file, ...more) {
    const name = named(file);
    if (ask.only && name && !within(name)) unsupported(`${name}, which lies outside of the project ${ask.only} (--with-node=host has it)`);
    if (n === 'openSync' && more.length > 0 && !['r', 'rs', 0].includes(more[0])) unsupported('a file that is opened to be written to');
    if (n === 'readFileSync' && name) answer.files.push(name);
    return real.call(fs, file, ...more);
  }, real);
}

// Commands and the network.
const children = require('child_process');
for (const n of ['execSync', 'execFileSync']) {
  const real = children[n];
  children[n] = (command, ...more) => {
    if (typeof command !== 'string') return real(command, ...more); // which throws
    effect('runs a command', `child_process.${n}(${shown([command])})`);
    const options = more.filter((o) => o !== null && typeof o === 'object' && !Array.isArray(o)).pop() || {};
    const said = Buffer.from(`${guess(`what child_process.${n} returns is not known before it runs`)}\n`);
    return options.encoding && options.encoding !== 'buffer' ? said.toString(options.encoding) : said;
  };
}
for (const n of ['exec', 'execFile', 'spawn', 'spawnSync', 'fork']) children[n] = noting('runs a command', `child_process.${n}`, () => unsupported(`what child_process.${n} returns`));
for (const [module, names] of Object.entries({ http: ['request', 'get', 'createServer'], https: ['request', 'get', 'createServer'], net: ['connect', 'createConnection', 'createServer'],
  tls: ['connect', 'createServer'], dgram: ['createSocket'], dns: ['lookup', 'resolve'], worker_threads: ['Worker'], cluster: ['fork'] })) {
  for (const n of names) {
    const found = require(module);
    found[n] = function (...args) {
      effect('uses the network', `${module}.${n}(${shown(args)})`);
      unsupported(`what ${module}.${n} returns`);
    };
  }
}
globalThis.fetch = noting('uses the network', 'fetch', () => new Promise(() => {}));
require('module').syncBuiltinESMExports();

// encode is a value in the form that ecosystem.Value has as JSON.
const asked = new Set(ask.asked);
const inherited = (v) => {
  for (let p = Object.getPrototypeOf(v); p && p !== Object.prototype && p !== Error.prototype; p = Object.getPrototypeOf(p)) {
    if (Object.getOwnPropertyNames(p).some((k) => (asked.has(k) || k.startsWith('env')) && !has(v, k))) return true;
  }
  return false;
};
const seen = [];
let values = 0;
const encode = (v) => {
  if (v === undefined) return { $: 'undefined' };
  if (v === null || typeof v === 'boolean' || typeof v === 'string') return v;
  if (typeof v === 'number') return Number.isFinite(v) && !Object.is(v, -0) ? v : Object.is(v, -0) ? 0 : { $: 'number', text: String(v) };
  if (typeof v === 'bigint') return { $: 'other', text: 'BigInt' };
  if (typeof v === 'symbol') return { $: 'other', text: 'Symbol' };
  if (seen.includes(v)) return { $: 'circular' };
  if (++values > ask.most || (Array.isArray(v) && v.length > ask.most)) {
    answer.error = { text: 'the configuration has more values than anybody can mean', large: true };
    finish();
  }
  seen.push(v);
  try {
    if (Array.isArray(v)) return Array.from({ length: v.length }, (_, i) => encode(v[i]));
    const fields = () => Object.keys(v).map((k) => [k, encode(v[k])]);
    if (typeof v === 'function') return { $: 'function', fields: fields() };
    const kind = Object.prototype.toString.call(v).slice(8, -1);
    if (!['Object', 'Error', 'Arguments', 'Module'].includes(kind)) return { $: 'other', text: kind };
    if (v !== process.env && !util.types.isModuleNamespaceObject(v) && inherited(v)) unsupported('an object with a prototype of its own');
    if (v !== process.env && !has(v, '__esModule') && Object.getOwnPropertyNames(v).length > Object.keys(v).length) unsupported('properties that are not enumerable');
    return { $: 'object', fields: fields() };
  } finally {
    seen.pop();
  }
};

const load = () => {
  if (ask.dialect === 'json') return require('vm').runInThisContext(`(${readFileSync(ask.entry)})`, { filename: ask.path });
  if (ask.dialect === 'yaml') return createRequire(fs.realpathSync(ask.pm2))('js-yaml').load(readFileSync(ask.entry, 'utf8'));
  return require(ask.entry); // not from beside the file: Node would read the package.json there for a .cjs, too
};

writeSync(1, `\n${ask.mark}{}\n`); // all is ready for the file
try {
  const v = load();
  answer.esm = v !== null && typeof v === 'object' && util.types.isModuleNamespaceObject(v);
  answer.value = encode(v);
} catch (e) {
  const stack = e && typeof e === 'object' ? e.stack : '';
  const mark = /\n( *)\^/.exec(String(stack).split('\n    at ')[0]);
  const at = place(stack);
  let said = 'an error whose text is not known here';
  try { said = String(e); } catch { /* it has none */ }
  answer.error = { text: said, code: e && e.code ? String(e.code) : '', syntax: e instanceof Syntax, line: at.line || 0, col: at.col || (at.line && mark ? mark[1].length + 1 : 0),
    yaml: e && e.name === 'YAMLException' && e.mark ? { line: e.mark.line + 1, col: e.mark.column + 1 } : undefined };
}
finish();
