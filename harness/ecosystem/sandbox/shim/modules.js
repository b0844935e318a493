// Node's own modules and globals, as far as a configuration can be evaluated without
// touching the host. What would touch it is noted and not done.
(closed, path, host) => {
  const { effect, unsupported } = host;
  const shown = (args) => args.map((a) => (typeof a === 'string' ? JSON.stringify(a) : String(a))).join(', ');

  // pretend notes a call and does nothing.
  const pretend = (module, what, names) => Object.fromEntries(names.map((n) => [n, (...args) => {
    effect(what, `${module}.${n}(${shown(args.slice(0, 1))})`);
  }]));
  // deny notes a call whose answer nobody knows without making it.
  const deny = (module, what, names) => Object.fromEntries(names.map((n) => [n, (...args) => {
    effect(what, `${module}.${n}(${shown(args.slice(0, 1))})`);
    return unsupported(`what ${module}.${n} returns`);
  }]));

  // dated is Date, but for the call without new, whose text names the host's time zone.
  const dated = (Known) => {
    function Day(...args) {
      return new.target ? Reflect.construct(Known, args, new.target === Day ? Known : new.target) : unsupported('Date() without new');
    }
    Object.defineProperties(Day, Object.getOwnPropertyDescriptors(Known));
    Object.defineProperty(Known.prototype, 'constructor', { value: Day, writable: true, configurable: true });
    return Day;
  };

  // patterned is RegExp, but for the flags with which the interpreter lets pass what Node
  // refuses.
  const patterned = (Known) => {
    function Pattern(...args) {
      if (args[1] !== undefined && /[uv]/.test(String(args[1]))) return unsupported('a regular expression with the flag u or v');
      return new.target ? Reflect.construct(Known, args, new.target === Pattern ? Known : new.target) : Known(...args);
    }
    Object.defineProperties(Pattern, Object.getOwnPropertyDescriptors(Known));
    Object.defineProperty(Known.prototype, 'constructor', { value: Pattern, writable: true, configurable: true });
    return Pattern;
  };

  const failed = (code, text, call, file) => {
    const e = new Error(`${code}: ${text}, ${call} '${file}'`);
    return Object.assign(e, { errno: code === 'ENOENT' ? -2 : -21, code, syscall: call, path: file });
  };
  const located = (file) => {
    if (typeof file === 'string') return path.resolve(file);
    return unsupported('a file name that is no string');
  };
  const encodings = ['utf8', 'utf-8', 'UTF-8', 'UTF8'];
  // known are the options of that function which mean here what they mean in Node.
  const known = (options, name, ...keys) => {
    const plain = options == null || (typeof options === 'object' && Object.keys(options).every((k) => keys.includes(k)));
    return plain || unsupported(`options of fs.${name}`);
  };
  const read = (file, options) => {
    if (typeof options !== 'string') known(options, 'readFileSync', 'encoding');
    const encoding = typeof options === 'string' ? options : options && options.encoding;
    if (encoding && !encodings.includes(encoding)) return unsupported(`the encoding ${String(encoding)}`);
    const found = host.read(located(file));
    if (found.missing) throw failed('ENOENT', 'no such file or directory', 'open', file);
    if (found.directory) throw failed('EISDIR', 'illegal operation on a directory', 'read', file);
    if (encoding) return found.text;
    const text = (as) => (as === undefined || encodings.includes(as) ? found.text : unsupported(`the encoding ${as}`));
    return closed('a Buffer', { toString: text, [Symbol.toPrimitive]: () => found.text });
  };
  const stat = (file, options) => {
    known(options, 'statSync', 'throwIfNoEntry');
    const found = host.stat(located(file));
    if (found.missing && options && options.throwIfNoEntry === false) return undefined;
    if (found.missing) throw failed('ENOENT', 'no such file or directory', 'stat', file);
    return closed('fs.Stats', { isFile: () => found.file, isDirectory: () => found.directory, size: found.size });
  };
  const fs = closed('fs', {
    existsSync: (file) => typeof file === 'string' && !host.stat(path.resolve(file)).missing,
    readFileSync: read, statSync: stat,
    accessSync: (file, mode) => {
      if (mode !== undefined && ![0, 1, 2, 4].includes(mode)) return unsupported('the mode of fs.accessSync');
      if (host.stat(located(file)).missing) throw failed('ENOENT', 'no such file or directory', 'access', file);
    },
    readdirSync: (dir, options) => {
      if (options != null && options !== 'utf8') return unsupported('options of fs.readdirSync');
      const found = host.list(located(dir));
      if (found.missing) throw failed('ENOENT', 'no such file or directory', 'scandir', dir);
      return found.names;
    },
    ...pretend('fs', 'writes a file', ['writeFileSync', 'appendFileSync', 'mkdirSync', 'unlinkSync', 'rmSync', 'rmdirSync',
      'copyFileSync', 'renameSync', 'chmodSync', 'symlinkSync', 'writeFile', 'appendFile', 'mkdir', 'unlink', 'rm']),
    constants: closed('fs.constants', { F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1 }),
  });

  const cpus = () => Array.from({ length: host.cpus }, () => closed('os.cpus()[n]', {}));
  const os = closed('os', {
    cpus, availableParallelism: () => host.cpus, totalmem: () => host.memory, EOL: '\n',
    platform: () => 'linux', type: () => 'Linux', arch: () => 'x64', endianness: () => 'LE',
    homedir: () => host.env.HOME || unsupported('os.homedir() where HOME is not set'),
    tmpdir: () => (host.env.TMPDIR || host.env.TMP || host.env.TEMP || '/tmp').replace(/(.)\/$/, '$1'),
  });

  // The environment notes what is asked for. Node makes strings of what is set.
  const env = new Proxy({ ...host.env }, {
    get(target, key) {
      if (typeof key === 'string') host.reads(key, Object.hasOwn(target, key));
      return Object.hasOwn(target, key) ? target[key] : Object.prototype[key];
    },
    has(target, key) {
      if (typeof key === 'string') host.reads(key, Object.hasOwn(target, key));
      return Object.hasOwn(target, key);
    },
    set(target, key, value) {
      effect('changes the environment', `process.env.${String(key)} = ...`);
      target[key] = String(value);
      return true;
    },
    getOwnPropertyDescriptor(target, key) {
      return Reflect.getOwnPropertyDescriptor(target, key);
    },
  });
  const printer = (name) => (...args) => effect('prints', `${name}(${shown(args.slice(0, 1))})`);
  const stream = (name) => closed(name, { write: (...args) => (printer(`${name}.write`)(...args), true), isTTY: false });
  const process = {
    env, argv: host.argv, argv0: 'node', execArgv: [], execPath: '/usr/bin/node', platform: 'linux', arch: 'x64', title: 'pm2',
    version: `v${host.node}`, versions: closed('process.versions', { node: host.node }),
    release: closed('process.release', { name: 'node' }), cwd: () => host.cwd,
    exit: (code) => host.exit(code === undefined ? 0 : code), abort: () => host.exit(134),
    stdout: stream('process.stdout'), stderr: stream('process.stderr'),
    nextTick: () => effect('schedules work', 'process.nextTick()'), emitWarning: printer('process.emitWarning'),
    chdir: (dir) => (effect('changes the directory', `process.chdir(${shown([dir])})`), unsupported('process.chdir')),
    loadEnvFile: () => (effect('changes the environment', 'process.loadEnvFile()'), unsupported('process.loadEnvFile')),
  };
  for (const n of ['on', 'once', 'off', 'addListener', 'removeListener', 'removeAllListeners', 'setMaxListeners', 'prependListener']) {
    process[n] = (event) => (effect('listens', `process.${n}(${shown([event])})`), closedProcess);
  }
  const closedProcess = closed('process', process);

  const named = ['log', 'info', 'warn', 'error', 'debug', 'trace', 'table', 'dir', 'group', 'groupEnd', 'groupCollapsed', 'time', 'timeEnd'];
  const console = closed('console', Object.fromEntries(named.map((n) => [n, printer(`console.${n}`)])));

  const fileURLToPath = (url) => {
    const href = typeof url === 'string' ? url : unsupported('a URL object');
    if (!href.startsWith('file:///')) return unsupported(`the URL ${href}`);
    return decodeURIComponent(href.slice(7));
  };
  const url = closed('url', { fileURLToPath });
  const children = closed('child_process', deny('child_process', 'runs a command',
    ['exec', 'execSync', 'execFile', 'execFileSync', 'spawn', 'spawnSync', 'fork']));
  const nets = (name) => closed(name, deny(name, 'uses the network', ['request', 'get', 'createServer', 'connect', 'createConnection', 'lookup']));

  const timer = (name) => () => (effect('schedules work', `${name}()`), closed('a timer', { unref: () => undefined, ref: () => undefined }));
  const timers = ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate', 'queueMicrotask'];
  return {
    modules: { path, 'path/posix': path, fs, os, process: closedProcess, console, url, child_process: children,
      http: nets('http'), https: nets('https'), net: nets('net'), tls: nets('tls'), dgram: nets('dgram'), dns: nets('dns') },
    globals: { process: closedProcess, console, Date: dated(Date), RegExp: patterned(RegExp), ...Object.fromEntries(timers.map((n) => [n, timer(n)])) },
    // Globals that Node has and this has not.
    lacking: ['Buffer', 'URL', 'URLSearchParams', 'structuredClone', 'fetch', 'performance', 'TextEncoder', 'TextDecoder', 'AbortController',
      'AbortSignal', 'Event', 'EventTarget', 'atob', 'btoa', 'crypto', 'Intl', 'WebAssembly', 'Atomics', 'SharedArrayBuffer',
      'FinalizationRegistry', 'BroadcastChannel', 'MessageChannel', 'Headers', 'Request', 'Response', 'FormData', 'Blob', 'navigator',
      'DOMException', 'CompressionStream', 'ReadableStream', 'WebSocket', 'Iterator', 'gc', 'Float16Array', 'WeakRef', 'QuotaExceededError',
      'CustomEvent', 'TransformStream', 'WritableStream', 'TextEncoderStream', 'TextDecoderStream', 'DecompressionStream', 'MessagePort',
      'File', 'Performance', 'PerformanceObserver', 'URLPattern', 'MessageEvent', 'CloseEvent', 'ErrorEvent', 'Crypto', 'CryptoKey',
      'SubtleCrypto', 'Temporal', 'SuppressedError', 'DisposableStack', 'AsyncDisposableStack', 'Navigator', 'Storage', 'localStorage',
      'sessionStorage', 'EventSource', 'ByteLengthQueuingStrategy', 'CountQueuingStrategy'],
    // The same of what the language brings, by class: compared with Node 26.
    lackingOf: {
      Object: ['groupBy'], 'Object.prototype': ['__defineGetter__', '__defineSetter__', '__lookupGetter__', '__lookupSetter__'],
      Array: ['fromAsync'], Promise: ['withResolvers', 'try'], Math: ['f16round'], Map: ['groupBy'],
      'Map.prototype': ['getOrInsert', 'getOrInsertComputed'], 'WeakMap.prototype': ['getOrInsert', 'getOrInsertComputed'],
      'String.prototype': ['anchor', 'big', 'blink', 'bold', 'fontcolor', 'fontsize', 'fixed', 'isWellFormed', 'italics', 'link', 'small',
        'strike', 'sub', 'sup', 'toWellFormed'],
      Symbol: ['asyncIterator', 'dispose', 'asyncDispose'], 'Date.prototype': ['toGMTString', 'getYear', 'setYear', 'toTemporalInstant'],
      RegExp: ['input', '$_', 'lastMatch', '$&', 'lastParen', '$+', 'leftContext', '$`', 'rightContext', "$'", '$1', '$2', '$3', '$4', '$5',
        '$6', '$7', '$8', '$9', 'escape'],
      'RegExp.prototype': ['hasIndices', 'unicodeSets'], Error: ['captureStackTrace', 'prepareStackTrace', 'stackTraceLimit'],
      'ArrayBuffer.prototype': ['maxByteLength', 'resizable', 'resize', 'transfer', 'transferToFixedLength', 'detached'],
      'DataView.prototype': ['getFloat16', 'setFloat16'],
    },
    // Modules that Node has and this has not: everything of them is unsupported.
    unknown: ['assert', 'async_hooks', 'buffer', 'cluster', 'constants', 'crypto', 'diagnostics_channel', 'domain', 'events', 'http2', 'inspector',
      'module', 'perf_hooks', 'punycode', 'querystring', 'readline', 'repl', 'sea', 'sqlite', 'stream', 'string_decoder', 'sys', 'test', 'timers',
      'trace_events', 'tty', 'util', 'v8', 'vm', 'wasi', 'worker_threads', 'zlib', 'fs/promises', 'dns/promises', 'timers/promises',
      'stream/promises', 'util/types', 'path/win32', 'readline/promises', 'assert/strict'],
  };
}
