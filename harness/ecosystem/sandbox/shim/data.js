// Bytes, digests, URLs and copies: Buffer, crypto, URL, structuredClone and their like.
(closed, host) => {
  const { unsupported } = host;
  // guard ends the prototypes of a class of ours: what an instance has not is unsupported.
  const guard = (name, base) => new Proxy(Object.create(base), {
    get(target, key, receiver) {
      if (typeof key === 'symbol' || key in base || /^\d+$/.test(key) || key === 'then' || key === 'toJSON' || key === '__esModule') return Reflect.get(base, key, receiver);
      return unsupported(`${name}.${key}`);
    },
    has: (target, key) => key in base,
    set: (target, key) => unsupported(`an assignment to ${name}.${String(key)}`),
  });
  const guarded = (Class) => {
    Object.setPrototypeOf(Class.prototype, guard(`${Class.name}.prototype`, Object.prototype));
    Object.setPrototypeOf(Class, guard(Class.name, Function.prototype));
    return Class;
  };
  const fault = (Kind, code, text) => Object.assign(new Kind(text), { code });

  const encodings = { utf8: 'utf8', 'utf-8': 'utf8', hex: 'hex', base64: 'base64', base64url: 'base64url', latin1: 'latin1', binary: 'latin1', ascii: 'ascii' };
  const named = (encoding) => {
    if (encoding === undefined || encoding === null) return 'utf8';
    const known = typeof encoding === 'string' && encodings[encoding.toLowerCase()];
    return known || unsupported(`the encoding ${String(encoding)}`);
  };
  const encode = (text, encoding) => host.encode(text, named(encoding) === 'base64url' ? 'base64' : named(encoding));
  const own = (bytes) => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const isBytes = (v) => ArrayBuffer.isView(v) && v.BYTES_PER_ELEMENT === 1;

  class Buffer extends Uint8Array {
    toString(encoding, start = 0, end = this.length) { return host.decode(own(Uint8Array.prototype.subarray.call(this, start, end)), named(encoding)); }
    toLocaleString(encoding) { return this.toString(encoding); }
    toJSON() { return { type: 'Buffer', data: Array.from(this) }; }
    equals(other) { return isBytes(other) ? this.toString('hex') === wrap(own(other)).toString('hex') : unsupported('equals of what is no Buffer'); }
    slice(start, end) { return this.subarray(start, end); }
    static from(value, encoding) {
      if (typeof value === 'string') return wrap(encode(value, encoding));
      if (value instanceof ArrayBuffer && encoding === undefined) return new Buffer(value);
      if (isBytes(value)) return wrap(own(value));
      if (Array.isArray(value)) return wrap(new Uint8Array(value).buffer);
      if (value === undefined || value === null || typeof value === 'number') throw fault(TypeError, 'ERR_INVALID_ARG_TYPE', 'The first argument must be of type string or an instance of Buffer');
      return unsupported('Buffer.from of such a value');
    }
    static alloc(size, fill) { return fill === undefined || fill === 0 ? new Buffer(size) : unsupported('Buffer.alloc with a filling'); }
    static allocUnsafe(size) { return new Buffer(size); }
    static concat(list) { return Buffer.from([].concat(...list.map((b) => (isBytes(b) ? Array.from(b) : unsupported('Buffer.concat of what is no Buffer'))))); }
    static isBuffer(value) { return value instanceof Buffer; }
    static isEncoding(name) { return typeof name === 'string' && (name.toLowerCase() in encodings || unsupported(`the encoding ${name}`)); }
    static byteLength(value, encoding) { return typeof value === 'string' ? encode(value, encoding).byteLength : value.byteLength; }
  }
  const wrap = (arrayBuffer) => new Buffer(arrayBuffer);
  for (const n of ['readUInt8', 'readUInt16BE', 'readUInt32BE', 'readUInt16LE', 'readUInt32LE', 'readInt8', 'readInt32BE', 'readInt32LE', 'write', 'writeUInt8',
    'writeUInt32BE', 'writeUInt32LE', 'copy', 'compare', 'swap16', 'swap32', 'swap64', 'readDoubleBE', 'readDoubleLE', 'fill', 'indexOf', 'includes', 'lastIndexOf']) {
    Buffer.prototype[n] = () => unsupported(`Buffer.prototype.${n}`);
  }
  for (const n of ['compare', 'copyBytesFrom', 'allocUnsafeSlow', 'of']) Buffer[n] = () => unsupported(`Buffer.${n}`);

  const text = (name, v) => (typeof v === 'string' ? encode(v) : isBytes(v) ? own(v) : unsupported(`${name} of such a value`));
  const digester = (algorithm, key) => {
    let all = [], done = false;
    host.digest(algorithm, new ArrayBuffer(0), key); // it may be unknown
    const self = closed('a hash', {
      update(data, encoding) {
        const bytes = new Uint8Array(typeof data === 'string' ? encode(data, encoding) : text('a digest', data));
        if (done) throw fault(Error, 'ERR_CRYPTO_HASH_FINALIZED', 'Digest already called');
        all = all.concat(Array.from(bytes));
        return self;
      },
      digest(encoding) {
        if (done) throw fault(Error, 'ERR_CRYPTO_HASH_FINALIZED', 'Digest already called');
        done = true;
        const out = wrap(host.digest(algorithm, new Uint8Array(all).buffer, key));
        return encoding === undefined || encoding === 'buffer' ? out : out.toString(encoding);
      },
    });
    return self;
  };
  const randomBytes = (n, then) => (then === undefined && Number.isInteger(n) && n >= 0 ? wrap(host.bytes(n)) : unsupported('crypto.randomBytes of such arguments'));
  const randomUUID = () => {
    const b = randomBytes(16);
    b[6] = (b[6] & 15) | 64, b[8] = (b[8] & 63) | 128;
    return b.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  };
  const getRandomValues = (into) => {
    if (!isBytes(into)) return unsupported('getRandomValues of such a value');
    into.set(new Uint8Array(host.bytes(into.length)));
    return into;
  };
  const webcrypto = closed('crypto', { randomUUID, getRandomValues });
  const crypto = closed('crypto', {
    randomBytes, randomUUID, getRandomValues, webcrypto, createHash: (a) => digester(String(a)),
    createHmac: (a, key) => digester(String(a), text('a key', key)),
    hash: (a, data, encoding = 'hex') => digester(String(a)).update(data).digest(encoding),
    randomInt: (low, high) => {
      const [from, to] = high === undefined ? [0, low] : [low, high];
      if (![from, to].every(Number.isSafeInteger) || to <= from) return unsupported('crypto.randomInt of such arguments');
      return from + Math.floor(Math.random() * (to - from));
    },
  });

  const pairs = (search) => search.replace(/^\?/, '').split('&').filter(Boolean).map((p) => {
    const at = p.indexOf('='), plain = (s) => {
      const spaced = s.replace(/\+/g, ' ');
      try { return decodeURIComponent(spaced.replace(/%(?![0-9a-fA-F]{2})/g, '%25')); } catch { return unsupported('a query that is no UTF-8'); }
    };
    return at < 0 ? [plain(p), ''] : [plain(p.slice(0, at)), plain(p.slice(at + 1))];
  });
  const form = (s) => encodeURIComponent(s).replace(/[!'()~]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase()).replace(/%20/g, '+');
  class URLSearchParams {
    #list = []; #changed = () => undefined;
    constructor(from, changed) {
      if (changed) this.#changed = changed;
      if (from === undefined) return;
      if (from !== null && typeof from === 'object') {
        const entries = typeof from[Symbol.iterator] === 'function' ? [...from].map((p) => [...p]) : Object.entries(from);
        this.#list = entries.map((p) => (p.length === 2 ? p.map(String) : unsupported('such pairs of a query')));
      } else this.#list = pairs(String(from));
    }
    get size() { return this.#list.length; }
    get(name) { const p = this.#list.find(([k]) => k === String(name)); return p ? p[1] : null; }
    getAll(name) { return this.#list.filter(([k]) => k === String(name)).map(([, v]) => v); }
    has(name, value) { return this.#list.some(([k, v]) => k === String(name) && (value === undefined || v === String(value))); }
    append(name, value) { this.#list.push([String(name), String(value)]), this.#changed(this.toString()); }
    set(name, value) {
      const at = this.#list.findIndex(([k]) => k === String(name));
      if (at < 0) this.#list.push([String(name), String(value)]);
      else this.#list = this.#list.filter(([k], i) => k !== String(name) || i === at), this.#list[at][1] = String(value);
      this.#changed(this.toString());
    }
    delete(name) { this.#list = this.#list.filter(([k]) => k !== String(name)), this.#changed(this.toString()); }
    sort() { this.#list.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)), this.#changed(this.toString()); }
    forEach(f) { this.#list.forEach(([k, v]) => f(v, k, this)); }
    keys() { return this.#list.map(([k]) => k)[Symbol.iterator](); }
    values() { return this.#list.map(([, v]) => v)[Symbol.iterator](); }
    entries() { return this.#list.map((p) => [...p])[Symbol.iterator](); }
    toString() { return this.#list.map(([k, v]) => `${form(k)}=${form(v)}`).join('&'); }
    [Symbol.iterator]() { return this.entries(); }
    get [Symbol.toStringTag]() { return 'URLSearchParams'; }
  }
  const parsed = (href, base) => {
    if (/[^\x00-\x7f]/.test(href + (base || ''))) return unsupported('a URL with letters that are not ASCII');
    return host.parseURL(href, base);
  };
  class URL {
    #p; #query;
    constructor(href, base) {
      this.#p = parsed(String(href), base === undefined ? undefined : String(base));
      if (this.#p === null) throw Object.assign(fault(TypeError, 'ERR_INVALID_URL', 'Invalid URL'), { input: String(href) });
    }
    get searchParams() { return this.#query ||= new URLSearchParams(this.#p.search, (s) => { this.#p = host.changeURL(this.#p.href, 'search', s); }); }
    get origin() { return ['http:', 'https:', 'ws:', 'wss:', 'ftp:'].includes(this.#p.protocol) ? `${this.#p.protocol}//${this.#p.host}` : this.#p.protocol === 'blob:' ? unsupported('the origin of a blob') : 'null'; }
    get href() { return this.#p.href; }
    toString() { return this.#p.href; }
    toJSON() { return this.#p.href; }
    get [Symbol.toStringTag]() { return 'URL'; }
    static part(u, name) { return u.#p[name]; }
    static change(u, name, value) {
      if (/[^\x00-\x7f]/.test(value)) return unsupported('a URL with letters that are not ASCII');
      u.#p = host.changeURL(u.#p.href, name, value), u.#query = undefined;
    }
    static canParse(href, base) { return parsed(String(href), base === undefined ? undefined : String(base)) !== null; }
  }
  const { part, change } = URL;
  delete URL.part, delete URL.change;
  for (const name of ['protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash']) {
    Object.defineProperty(URL.prototype, name, { get() { return part(this, name); }, set(v) { change(this, name, String(v)); }, enumerable: true, configurable: true });
  }
  guarded(URL), guarded(URLSearchParams);
  const pathOf = (url) => {
    const u = url instanceof URL ? url : new URL(url);
    if (u.protocol !== 'file:') throw fault(TypeError, 'ERR_INVALID_URL_SCHEME', 'The URL must be of scheme file');
    if (u.hostname !== '') throw fault(TypeError, 'ERR_INVALID_FILE_URL_HOST', 'File URL host must be "localhost" or empty on linux');
    if (/%2f/i.test(u.pathname)) throw fault(TypeError, 'ERR_INVALID_FILE_URL_PATH', 'File URL path must not include encoded / characters');
    return decodeURIComponent(u.pathname);
  };
  const urlOf = (path) => new URL('file://' + encodeURI(path).replace(/[?#]/g, encodeURIComponent));

  class DOMException extends Error { constructor(text, name = 'Error') { super(text); Object.defineProperty(this, 'name', { value: name }); } }
  const plainly = (v, seen) => {
    if (typeof v === 'function' || typeof v === 'symbol') throw new DOMException(`${String(v.name)} could not be cloned.`, 'DataCloneError');
    if (v === null || typeof v !== 'object') return v;
    if (seen.has(v)) return seen.get(v);
    const kind = Object.prototype.toString.call(v).slice(8, -1), keep = (copy) => (seen.set(v, copy), copy);
    if (kind === 'Array') { const a = keep(new Array(v.length)); for (const k of Object.keys(v)) a[k] = plainly(v[k], seen); return a; }
    if (kind === 'Date') return keep(new Date(v.getTime()));
    if (kind === 'RegExp') return keep(new RegExp(v.source, v.flags));
    if (kind === 'Map') { const m = keep(new Map()); for (const [k, x] of v) m.set(plainly(k, seen), plainly(x, seen)); return m; }
    if (kind === 'Set') { const s = keep(new Set()); for (const x of v) s.add(plainly(x, seen)); return s; }
    if (kind !== 'Object') return unsupported(`structuredClone of ${kind}`);
    const o = keep({});
    for (const k of Object.keys(v)) o[k] = plainly(v[k], seen);
    return o;
  };
  const structuredClone = (v, options) => (options === undefined ? plainly(v, new Map()) : unsupported('options of structuredClone'));

  class TextEncoder { encode(s = '') { return new Uint8Array(host.encode(String(s), 'utf8')); } get encoding() { return 'utf-8'; } }
  class TextDecoder {
    constructor(name = 'utf-8', options) { if (named(name) !== 'utf8' || options) unsupported('a TextDecoder of another encoding'); }
    decode(bytes) { return bytes === undefined ? '' : host.decode(bytes instanceof ArrayBuffer ? bytes : own(bytes), 'utf8').replace(/^\ufeff/, ''); }
    get encoding() { return 'utf-8'; }
  }
  guarded(TextEncoder), guarded(TextDecoder);
  const atob = (s) => (/^[A-Za-z0-9+/]*={0,2}$/.test(s) && String(s).length % 4 === 0 ? wrap(encode(String(s), 'base64')).toString('latin1') : unsupported('atob of such a text'));
  const btoa = (s) => (/^[\x00-\xff]*$/.test(s) ? wrap(encode(String(s), 'latin1')).toString('base64') : unsupported('btoa of such a text'));
  return {
    wrap, Buffer, pathOf, modules: {
      buffer: closed('buffer', { Buffer, atob, btoa }), crypto,
      url: closed('url', { URL, URLSearchParams, fileURLToPath: pathOf, pathToFileURL: urlOf }),
    },
    globals: { Buffer, URL, URLSearchParams, DOMException, structuredClone, TextEncoder, TextDecoder, atob, btoa, crypto: webcrypto },
  };
}
