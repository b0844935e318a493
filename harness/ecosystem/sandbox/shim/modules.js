// Node's own modules and globals, as far as a configuration can be evaluated without
// touching the host. What would touch it is noted and not done.
(closed, path, host, data, tools) => {
  const { effect, unsupported, guess } = host;
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
    return file instanceof data.globals.URL ? data.pathOf(file) : unsupported('a file name that is no string');
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
    return data.Buffer.from(found.text);
  };
  const stat = (file, options) => {
    known(options, 'statSync', 'throwIfNoEntry');
    const found = host.stat(located(file));
    if (found.missing && options && options.throwIfNoEntry === false) return undefined;
    if (found.missing) throw failed('ENOENT', 'no such file or directory', 'stat', file);
    return closed('fs.Stats', { isFile: () => found.file, isDirectory: () => found.directory, size: found.size });
  };
  const entry = (name, type) => closed('fs.Dirent', { name, isFile: () => type === 'file', isDirectory: () => type === 'directory', isSymbolicLink: () => type === 'link' });
  const fs = closed('fs', {
    existsSync: (file) => (typeof file === 'string' || file instanceof data.globals.URL) && !host.stat(located(file)).missing,
    realpathSync: (file) => {
      const found = host.real(located(file));
      if (found.missing) throw failed('ENOENT', 'no such file or directory', 'lstat', file);
      return found.name;
    },
    readFileSync: read, statSync: stat,
    accessSync: (file, mode) => {
      if (mode !== undefined && ![0, 1, 2, 4].includes(mode)) return unsupported('the mode of fs.accessSync');
      if (host.stat(located(file)).missing) throw failed('ENOENT', 'no such file or directory', 'access', file);
    },
    readdirSync: (dir, options) => {
      const typed = options != null && typeof options === 'object' && Object.keys(options).every((key) => ['withFileTypes', 'encoding'].includes(key)) && [undefined, 'utf8'].includes(options.encoding);
      if (options != null && options !== 'utf8' && !typed) return unsupported('options of fs.readdirSync');
      const found = host.list(located(dir));
      if (found.missing) throw failed('ENOENT', 'no such file or directory', 'scandir', dir);
      return typed && options.withFileTypes ? found.names.map((name, i) => entry(name, found.types[i])) : found.names;
    },
    ...pretend('fs', 'writes a file', ['writeFileSync', 'appendFileSync', 'mkdirSync', 'unlinkSync', 'rmSync', 'rmdirSync',
      'copyFileSync', 'renameSync', 'chmodSync', 'symlinkSync', 'writeFile', 'appendFile', 'mkdir', 'unlink', 'rm']),
    constants: closed('fs.constants', { F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1 }),
  });

  const cpu = () => closed('os.cpus()[n]', { get model() { return guess('os.cpus() names the processor of this host'); }, get speed() { return Number(guess('os.cpus() has the speed of this host')); } });
  const cpus = () => Array.from({ length: host.cpus }, cpu);
  const ofHost = (what) => guess(`${what} is the host's`);
  const numberOfHost = (what) => () => Number(ofHost(what));
  const os = closed('os', {
    cpus, availableParallelism: () => host.cpus, totalmem: () => host.totalmem(), EOL: '\n', constants: closed('os.constants', {}),
    freemem: () => host.freemem(), uptime: numberOfHost('os.uptime()'), loadavg: () => [0, 1, 2].map(numberOfHost('os.loadavg()')),
    hostname: () => ofHost('os.hostname()'), release: () => ofHost('os.release()'), version: () => ofHost('os.version()'), machine: () => 'x86_64',
    userInfo: () => closed('os.userInfo()', { username: ofHost('os.userInfo()'), homedir: host.env.HOME || ofHost('os.userInfo()'), shell: ofHost('os.userInfo()') }),
    platform: () => 'linux', type: () => 'Linux', arch: () => 'x64', endianness: () => 'LE',
    homedir: () => host.env.HOME || unsupported('os.homedir() where HOME is not set'),
    tmpdir: () => (host.env.TMPDIR || host.env.TMP || host.env.TEMP || '/tmp').replace(/(.)\/$/, '$1'),
  });

  // The environment notes what is asked for. Node makes strings of what is set.
  // A package that is not installed may have set any.
  const env = new Proxy({ ...host.env }, {
    get(target, key) {
      const assumed = typeof key === 'string' && !Object.hasOwn(target, key) && !(key in Object.prototype) ? host.assumed() : undefined;
      if (assumed !== undefined) return assumed;
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
  // What Node 20 to 26 have in process besides what stands below.
  const processHas = ['allowedNodeEnvironmentFlags', 'arch', 'assert', 'availableMemory', 'binding', 'config', 'constrainedMemory', 'cpuUsage', 'debugPort', 'dlopen',
    'domain', 'emit', 'eventNames', 'execve', 'features', 'finalization', 'getActiveResourcesInfo', 'getBuiltinModule', 'getegid', 'getgroups', 'getMaxListeners',
    'hasUncaughtExceptionCaptureCallback', 'initgroups', 'kill', 'listenerCount', 'listeners', 'mainModule', 'moduleLoadList', 'openStdin', 'permission',
    'prependOnceListener', 'rawListeners', 'reallyExit', 'ref', 'report', 'resourceUsage', 'setegid', 'seteuid', 'setgid', 'setgroups', 'setSourceMapsEnabled', 'setuid',
    'setUncaughtExceptionCaptureCallback', 'sourceMapsEnabled', 'stdin', 'threadCpuUsage', 'unref', 'dlopen', 'disconnect', 'addUncaughtExceptionCaptureCallback'];
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
    loadEnvFile: (file = '.env') => {
      const found = host.read(located(file));
      if (found.missing) throw failed('ENOENT', 'no such file or directory', 'open', file);
      effect('changes the environment', `process.loadEnvFile(${shown([file])})`);
      for (const [k, v] of Object.entries(host.parseEnv(found.text))) if (!Object.hasOwn(env, k)) env[k] = v;
    },
    uptime: numberOfHost('process.uptime()'), umask: () => unsupported('process.umask()'),
    getuid: numberOfHost('process.getuid()'), getgid: numberOfHost('process.getgid()'), geteuid: numberOfHost('process.geteuid()'),
    memoryUsage: () => closed('process.memoryUsage()', { rss: Number(ofHost('process.memoryUsage()')), heapTotal: Number(ofHost('process.memoryUsage()')), heapUsed: Number(ofHost('process.memoryUsage()')) }),
    hrtime: Object.assign(() => [Number(ofHost('process.hrtime()')), 7], { bigint: () => BigInt(ofHost('process.hrtime()')) }),
    get pid() { return Number(ofHost('process.pid')); }, get ppid() { return Number(ofHost('process.ppid')); },
    ...Object.fromEntries(['exitCode', 'browser', 'pkg', 'type', 'noDeprecation', 'throwDeprecation', 'traceDeprecation', 'send', 'connected', 'channel'].map((n) => [n, undefined])),
  };
  for (const n of ['on', 'once', 'off', 'addListener', 'removeListener', 'removeAllListeners', 'setMaxListeners', 'prependListener']) {
    process[n] = (event) => (effect('listens', `process.${n}(${shown([event])})`), closedProcess);
  }
  // A name that Node's process has not is undefined; one that it has and this has not is unsupported.
  const closedProcess = new Proxy(closed('process', process), {
    get: (target, key, receiver) => (typeof key === 'string' && !(key in process) && !processHas.includes(key) ? (key === 'default' ? receiver : undefined) : target[key]),
  });

  const named = ['log', 'info', 'warn', 'error', 'debug', 'trace', 'table', 'dir', 'group', 'groupEnd', 'groupCollapsed', 'time', 'timeEnd'];
  const console = closed('console', Object.fromEntries(named.map((n) => [n, printer(`console.${n}`)])));

  // What a command prints is not known. One that goes on by itself is not pretended.
  const said = (name) => (command, ...more) => {
    if (typeof command !== 'string') {
      throw Object.assign(new TypeError('The "command" argument must be of type string'), { code: 'ERR_INVALID_ARG_TYPE' });
    }
    effect('runs a command', `child_process.${name}(${shown([command])})`);
    const options = more.findLast((o) => o !== null && typeof o === 'object' && !Array.isArray(o)) || {};
    const text = `${guess(`what child_process.${name} returns is not known before it runs`)}\n`;
    return ['utf8', 'utf-8', 'buffer', undefined].includes(options.encoding) ? (/utf/.test(options.encoding) ? text : data.Buffer.from(text)) : unsupported(`the encoding ${options.encoding}`);
  };
  const children = closed('child_process', { ...deny('child_process', 'runs a command', ['exec', 'execFile', 'spawn', 'spawnSync', 'fork']),
    execSync: said('execSync'), execFileSync: said('execFileSync') });
  const nets = (name) => closed(name, deny(name, 'uses the network', ['request', 'get', 'createServer', 'connect', 'createConnection', 'lookup']));

  const performance = closed('performance', { now: numberOfHost('performance.now()'), timeOrigin: 0, mark: () => undefined });
  const local = (what) => () => ofHost(`${what}, which depends on its language and time zone,`);
  const formatter = (name) => function (locale, options) {
    const plain = locale === undefined || (typeof locale === 'string' && /^[a-z]{2}(-[A-Z]{2})?$/.test(locale));
    if (!plain || options === null) return unsupported(`such arguments of Intl.${name}`);
    return closed(`Intl.${name}`, { format: local(`Intl.${name}.format()`), resolvedOptions: () => closed('resolvedOptions()', { locale: local('the locale')(), timeZone: local('the time zone')() }) });
  };
  const Intl = closed('Intl', { DateTimeFormat: formatter('DateTimeFormat'), NumberFormat: formatter('NumberFormat') });
  const timer = (name) => () => (effect('schedules work', `${name}()`), closed('a timer', { unref: () => undefined, ref: () => undefined }));
  const timers = ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate', 'queueMicrotask'];
  return {
    modules: { path, 'path/posix': path, fs, os, process: closedProcess, console, child_process: children, ...data.modules, ...tools.modules, perf_hooks: closed('perf_hooks', { performance }),
      http: nets('http'), https: nets('https'), net: nets('net'), tls: nets('tls'), dgram: nets('dgram'), dns: nets('dns') },
    globals: { ...data.globals, performance, Intl, process: closedProcess, console, Date: dated(Date), RegExp: patterned(RegExp), ...Object.fromEntries(timers.map((n) => [n, timer(n)])) },
    // Globals that Node has and this has not.
    lacking: ['fetch', 'AbortController',
      'AbortSignal', 'Event', 'EventTarget', 'WebAssembly', 'Atomics', 'SharedArrayBuffer',
      'FinalizationRegistry', 'BroadcastChannel', 'MessageChannel', 'Headers', 'Request', 'Response', 'FormData', 'Blob', 'navigator',
      'CompressionStream', 'ReadableStream', 'WebSocket', 'Iterator', 'gc', 'Float16Array', 'WeakRef', 'QuotaExceededError',
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
      'RegExp.prototype': ['hasIndices', 'unicodeSets'], Error: ['prepareStackTrace', 'stackTraceLimit'],
      'ArrayBuffer.prototype': ['maxByteLength', 'resizable', 'resize', 'transfer', 'transferToFixedLength', 'detached'],
      'DataView.prototype': ['getFloat16', 'setFloat16'],
    },
    // Modules that Node has and this has not: everything of them is unsupported.
    unknown: ['async_hooks', 'cluster', 'constants', 'diagnostics_channel', 'domain', 'http2', 'inspector',
      'module', 'punycode', 'readline', 'repl', 'sea', 'sqlite', 'stream', 'string_decoder', 'test', 'timers',
      'trace_events', 'tty', 'v8', 'vm', 'wasi', 'worker_threads', 'zlib', 'fs/promises', 'dns/promises', 'timers/promises',
      'stream/promises', 'path/win32', 'readline/promises'],
  };
}
