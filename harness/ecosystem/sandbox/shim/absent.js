// What stands for a package that is not installed: whatever it is asked for is there, and
// nobody knows what it is. world says how much of that is assumed.
(host, world) => {
  const { unsupported } = host;
  const standIn = (name, depth) => {
    const get = (target, key) => {
      if (key === Symbol.toPrimitive) return (hint) => (hint === 'number' ? Number(world.text) : world.text);
      if (key === Symbol.iterator) return () => unsupported(`the elements of ${name}`);
      if (typeof key === 'symbol' || key === 'then' || key === '__esModule') return undefined;
      if (key === 'toString' || key === 'valueOf') return () => world.text;
      if (key === 'default') return proxy;
      return world.hollow && depth > 0 ? undefined : standIn(`${name}.${key}`, depth);
    };
    const proxy = new Proxy(function () {}, {
      get, has: () => true, set: () => true, deleteProperty: () => true,
      apply: () => standIn(`${name}()`, depth + 1), construct: () => standIn(`new ${name}()`, depth + 1),
      getPrototypeOf: () => Function.prototype,
      ownKeys: () => ['prototype', ...(world.keys ? world.names : [])],
      getOwnPropertyDescriptor: (target, key) => (key === 'prototype' ? Reflect.getOwnPropertyDescriptor(target, key)
        : { value: standIn(`${name}.${String(key)}`, depth), enumerable: true, configurable: true, writable: true }),
    });
    host.standIn(proxy);
    return proxy;
  };
  return (pkg) => standIn(pkg, 0);
}
