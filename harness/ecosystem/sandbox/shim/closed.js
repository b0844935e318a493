// closed is an object that knows what it has not: to ask it for anything else ends
// the evaluation, which then says that it does not know. A missing property that
// read as undefined would be a wrong answer instead.
(host) => {
  const closed = (name, known, inherited) => new Proxy(known, {
    get(target, key, receiver) {
      if (typeof key === 'symbol' || key in target || key === '__esModule' || key === 'toJSON' || key === 'then') return Reflect.get(target, key);
      if (key === 'default') return receiver;
      return host.unsupported(`${name}.${key}`);
    },
    has(target, key) {
      return key in target || host.unsupported(`"${String(key)}" in ${name}`);
    },
    set(target, key, value) {
      return host.unsupported(`an assignment to ${name}.${String(key)}`);
    },
    deleteProperty(target, key) {
      return host.unsupported(`delete ${name}.${String(key)}`);
    },
    // What inherits from it, as an ES module's import of it does, is as closed.
    getPrototypeOf() {
      return inherited ? Object.prototype : closed(name, known, true);
    },
  });
  return closed;
}
