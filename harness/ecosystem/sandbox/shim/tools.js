// What configurations take from Node's util, assert, events and querystring.
(closed, host, data) => {
  const { unsupported } = host;
  const plain = (v) => v === null || !['object', 'function'].includes(typeof v);
  const inspect = (v) => {
    if (typeof v === 'string') return /['\\\n]/.test(v) ? unsupported('util.inspect of such a text') : `'${v}'`;
    return plain(v) ? String(v) : unsupported('util.inspect of an object');
  };
  const format = (first, ...rest) => {
    if (typeof first !== 'string') return [first, ...rest].map((v) => (typeof v === 'string' ? v : inspect(v))).join(' ');
    let at = 0;
    const text = first.replace(/%[sdifjoOc%]/g, (mark) => {
      if (mark === '%%') return rest.length > 0 ? '%' : mark;
      if (at >= rest.length) return mark;
      const v = rest[at++];
      if (mark === '%j') return String(JSON.stringify(v));
      if (mark === '%s') return plain(v) && !Object.is(v, -0) && typeof v !== 'bigint' ? String(v) : unsupported('util.format of such a value');
      if (mark === '%d' && typeof v !== 'object' && typeof v !== 'bigint') return String(Number(v));
      if (mark === '%i' && typeof v === 'string' || typeof v === 'number') return String(mark === '%i' ? parseInt(v) : mark === '%f' ? parseFloat(v) : Number(v));
      return unsupported(`util.format with ${mark}`);
    });
    return [text, ...rest.slice(at).map((v) => (typeof v === 'string' ? v : inspect(v)))].join(' ');
  };
  const same = (a, b, strict) => {
    if (plain(a) || plain(b)) return strict ? Object.is(a, b) : a == b || (a !== a && b !== b);
    const kind = (v) => Object.prototype.toString.call(v).slice(8, -1);
    if (!['Object', 'Array'].includes(kind(a)) || !['Object', 'Array'].includes(kind(b))) return a === b || unsupported('a comparison of such values');
    if (kind(a) !== kind(b) || (strict && Object.getPrototypeOf(a) !== Object.getPrototypeOf(b))) return false;
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((k) => Object.hasOwn(b, k) && same(a[k], b[k], strict));
  };
  const types = closed('util.types', {
    isDate: (v) => v instanceof Date, isRegExp: (v) => v instanceof RegExp, isPromise: (v) => v instanceof Promise, isMap: (v) => v instanceof Map, isSet: (v) => v instanceof Set,
    isTypedArray: (v) => ArrayBuffer.isView(v) && !(v instanceof DataView), isArrayBuffer: (v) => v instanceof ArrayBuffer, isProxy: () => unsupported('util.types.isProxy'),
  });
  const util = closed('util', {
    format, inspect: (v, options) => (options === undefined ? inspect(v) : unsupported('options of util.inspect')), types, parseEnv: host.parseEnv,
    isDeepStrictEqual: (a, b) => same(a, b, true), isArray: Array.isArray, deprecate: (f) => f, promisify: (f) => (...args) => new Promise((ok, no) => f(...args, (e, v) => (e ? no(e) : ok(v)))),
    inherits: (child, parent) => { Object.setPrototypeOf(child.prototype, parent.prototype); },
    TextEncoder: data.globals.TextEncoder, TextDecoder: data.globals.TextDecoder,
    stripVTControlCharacters: (s) => s.replace(/\u001b\[[0-9;]*[A-Za-z]/g, ''),
  });

  class AssertionError extends Error {
    constructor(message, actual, expected, operator) {
      super(message);
      Object.assign(this, { generatedMessage: false, code: 'ERR_ASSERTION', actual, expected, operator });
      Object.defineProperty(this, 'name', { value: 'AssertionError' });
    }
  }
  const hold = (right, message, actual, expected, operator) => {
    if (right) return;
    if (message instanceof Error) throw message;
    const e = new AssertionError(String(message), actual, expected, operator);
    // Versions of Node word it differently.
    if (operator !== '==' || message === undefined) Object.defineProperty(e, 'message', { get: () => unsupported('the message of a comparison that does not hold') });
    throw e;
  };
  const ok = (value, message) => hold(value, message, value, true, '==');
  const checks = (strict) => ({
    ok, AssertionError, fail: (message = 'Failed') => hold(false, message), ifError: (v) => { if (v !== null && v !== undefined) throw v; },
    equal: (a, b, m) => hold(strict ? Object.is(a, b) : a == b || (a !== a && b !== b), m, a, b, 'equal'),
    notEqual: (a, b, m) => hold(strict ? !Object.is(a, b) : !(a == b || (a !== a && b !== b)), m, a, b, 'notEqual'),
    strictEqual: (a, b, m) => hold(Object.is(a, b), m, a, b, 'strictEqual'), notStrictEqual: (a, b, m) => hold(!Object.is(a, b), m, a, b, 'notStrictEqual'),
    deepEqual: (a, b, m) => hold(same(a, b, strict), m, a, b, 'deepEqual'), deepStrictEqual: (a, b, m) => hold(same(a, b, true), m, a, b, 'deepStrictEqual'),
    notDeepStrictEqual: (a, b, m) => hold(!same(a, b, true), m, a, b, 'notDeepStrictEqual'),
    match: (s, r, m) => hold(typeof s === 'string' && r.test(s), m, s, r, 'match'), doesNotMatch: (s, r, m) => hold(typeof s === 'string' && !r.test(s), m, s, r, 'doesNotMatch'),
    throws: (f, expected) => { let threw = false; try { f(); } catch { threw = true; } hold(threw && (expected === undefined || unsupported('what assert.throws expects')), undefined); },
  });
  const asserter = (strict) => {
    const all = Object.assign((value, message) => ok(value, message), checks(strict));
    all.strict = strict ? all : undefined;
    return all;
  };
  const strict = asserter(true), loose = asserter(false);
  loose.strict = strict;

  class EventEmitter {
    #of = new Map();
    on(name, f) { this.#of.set(name, [...(this.#of.get(name) || []), f]); return this; }
    addListener(name, f) { return this.on(name, f); }
    once(name, f) { const one = (...args) => (this.off(name, one), f.apply(this, args)); return this.on(name, one); }
    off(name, f) { this.#of.set(name, (this.#of.get(name) || []).filter((x) => x !== f)); return this; }
    removeListener(name, f) { return this.off(name, f); }
    removeAllListeners(name) { name === undefined ? this.#of.clear() : this.#of.delete(name); return this; }
    setMaxListeners() { return this; }
    listenerCount(name) { return (this.#of.get(name) || []).length; }
    emit(name, ...args) {
      const all = this.#of.get(name) || [];
      if (name === 'error' && all.length === 0) throw args[0] instanceof Error ? args[0] : new Error('Unhandled error.');
      all.forEach((f) => f.apply(this, args));
      return all.length > 0;
    }
  }
  EventEmitter.EventEmitter = EventEmitter;
  const escaped = (s) => encodeURIComponent(s);
  const querystring = closed('querystring', {
    escape: escaped, unescape: decodeURIComponent,
    stringify: (o, ...more) => (more.length > 0 ? unsupported('querystring.stringify with separators') : Object.entries(o || {}).flatMap(([k, v]) =>
      (Array.isArray(v) ? v : [v]).map((x) => `${escaped(k)}=${['string', 'number', 'boolean', 'bigint'].includes(typeof x) ? escaped(x) : ''}`)).join('&')),
    parse: (s, ...more) => (more.length > 0 || /%/.test(s) ? unsupported('querystring.parse of such a text') : s.split('&').filter(Boolean).reduce((o, p) => {
      const [k, ...v] = p.replace(/\+/g, ' ').split('='), value = v.join('=');
      o[k] = k in o ? [].concat(o[k], value) : value;
      return o;
    }, Object.create(null))),
  });
  return { modules: { util, 'util/types': types, sys: util, assert: closed('assert', loose), 'assert/strict': closed('assert', strict), events: closed('events', EventEmitter), querystring } };
}
