// Node's path, for POSIX. Each function takes strings alone, as Node's do.
(closed, host) => {
  const str = (value, name) => {
    if (typeof value !== 'string') {
      const e = new TypeError(`The "${name}" argument must be of type string. Received ${value === null || value === undefined ? value : 'type ' + typeof value}`);
      e.code = 'ERR_INVALID_ARG_TYPE';
      throw e;
    }
    return value;
  };

  // squeeze resolves "." and ".." between slashes.
  const squeeze = (path, above) => {
    const out = [];
    for (const part of path.split('/')) {
      if (part === '' || part === '.') continue;
      if (part !== '..') out.push(part);
      else if (out.length > 0 && out[out.length - 1] !== '..') out.pop();
      else if (above) out.push('..');
    }
    return out.join('/');
  };

  const normalize = (path) => {
    str(path, 'path');
    if (path === '') return '.';
    const rooted = path[0] === '/', slashed = path.endsWith('/');
    let out = squeeze(path, !rooted);
    if (out === '') return rooted ? '/' : slashed ? './' : '.';
    if (slashed) out += '/';
    return rooted ? '/' + out : out;
  };

  const resolve = (...paths) => {
    let all = '';
    for (let i = paths.length - 1; i >= -1 && all[0] !== '/'; i--) {
      const path = i >= 0 ? str(paths[i], `paths[${i}]`) : host.cwd;
      if (path !== '') all = path + '/' + all;
    }
    return '/' + squeeze(all, false);
  };

  const join = (...paths) => {
    const some = paths.filter((p) => str(p, 'path') !== '');
    return some.length === 0 ? '.' : normalize(some.join('/'));
  };

  const dirname = (path) => {
    str(path, 'path');
    const rooted = path[0] === '/';
    let end = path.length - 1;
    while (end > 0 && path[end] === '/') end--;
    while (end > 0 && path[end] !== '/') end--;
    if (end <= 0) return rooted ? '/' : '.';
    return rooted && end === 1 ? '//' : path.slice(0, end);
  };

  const basename = (path, ext) => {
    str(path, 'path');
    if (ext !== undefined && str(ext, 'suffix') === path) return '';
    const bare = path.replace(/\/+$/, ''), name = bare.slice(bare.lastIndexOf('/') + 1);
    return ext && name !== ext && name.endsWith(ext) ? name.slice(0, -ext.length) : name;
  };

  const extname = (path) => {
    const name = basename(path), at = name.lastIndexOf('.');
    return at <= 0 || name === '..' ? '' : name.slice(at);
  };

  const relative = (from, to) => {
    str(from, 'from'), str(to, 'to');
    const a = resolve(from).split('/').filter(Boolean), b = resolve(to).split('/').filter(Boolean);
    let same = 0;
    while (same < a.length && same < b.length && a[same] === b[same]) same++;
    return [...a.slice(same).map(() => '..'), ...b.slice(same)].join('/');
  };

  const parse = (path) => {
    const root = str(path, 'path')[0] === '/' ? '/' : '', base = basename(path), ext = extname(path);
    const dir = /^[^/]*\/*$/.test(path) ? root : dirname(path);
    return { root, dir, base, ext, name: ext ? base.slice(0, -ext.length) : base };
  };

  const format = (o) => {
    const dir = o.dir || o.root, ext = o.ext ? (o.ext[0] === '.' ? o.ext : '.' + o.ext) : '';
    const base = o.base || `${o.name || ''}${ext}`;
    return !dir ? base : dir === o.root ? dir + base : dir + '/' + base;
  };

  const all = {
    normalize, resolve, join, dirname, basename, extname, relative, parse, format,
    isAbsolute: (path) => str(path, 'path')[0] === '/', toNamespacedPath: (path) => path, sep: '/', delimiter: ':',
  };
  const path = closed('path', all);
  all.posix = path;
  return path;
}
