// Runs in the worker with `this` = its listening servers. It empties the worker
// and leaves the process alive; PM2 ends it afterwards. All times in ms.
//
// Once its promise is kept the worker does not listen any more. From then on it talks to the
// engine over a connection of its own, with no inspector: when the worker is empty, or
// the deadline is over, it sends a line {inFlight, streams, idle, confirmed}: what the deadline
// cut off, the streams among that, how many idle keep-alive connections were closed, and whether the primary
// has confirmed that it hands nothing over any more. When that connection ends, or
// the engine is silent on it for too long, the worker takes all of this back and
// serves again.
async function drain({ linger, idle, deadline, streams, silence, clustered, port, token }) {
  await null; // see evaluate
  const servers = this;
  const net = process.getBuiltinModule ? process.getBuiltinModule('net') : process.mainModule.require('net');
  const begun = Date.now();
  const connections = (s) => {
    const key = Object.getOwnPropertySymbols(s).find((k) => k.description === 'http.server.connections');
    return key ? s[key] : { all: () => [], active: () => [] };
  };

  // 1. Every response from now on announces that its connection ends, so that
  // the client knows before it sends another request. An app that sets the
  // header itself is overruled at writeHead, which every response passes.
  const last = (res) => {
    if (res.headersSent || typeof res.writeHead !== 'function') return;
    res.shouldKeepAlive = false;
    const writeHead = res.writeHead;
    res.writeHead = function (status, ...rest) {
      const headers = rest[rest.length - 1];
      if (Array.isArray(headers)) {
        rest[rest.length - 1] = closing(headers);
        if (res.hasHeader('connection')) res.setHeader('Connection', 'close');
      } else {
        if (headers && typeof headers === 'object') {
          rest[rest.length - 1] = Object.fromEntries(Object.entries(headers).filter(([name]) => !isConnection(name)));
        }
        res.setHeader('Connection', 'close');
      }
      return writeHead.call(this, status, ...rest);
    };
  };
  const isConnection = (name) => String(name).toLowerCase() === 'connection';
  // Raw headers are a list of pairs or one flat list of names and values.
  const closing = (list) =>
    Array.isArray(list[0])
      ? [...list.filter(([name]) => !isConnection(name)), ['Connection', 'close']]
      : [...list.filter((_, i) => !isConnection(list[i - (i % 2)])), 'Connection', 'close'];
  const added = [];
  for (const s of servers) {
    // 'request' is not emitted where the app answers these two events itself;
    // a listener of ours on them would switch off Node's own answer.
    for (const event of ['request', 'checkContinue', 'checkExpectation']) {
      if (event === 'request' || s.listenerCount(event) > 0) {
        const listener = (_req, res) => last(res);
        s.prependListener(event, listener);
        added.push(() => s.removeListener(event, listener));
      }
    }
    for (const parser of connections(s).all()) {
      if (parser.socket && parser.socket._httpMessage) last(parser.socket._httpMessage);
    }
  }

  // 2. Stop accepting, on the handle and not on the server: server.close()
  // would close idle connections at once, emit 'close' to the app, and make the
  // app's own server.close() fail when PM2's SIGINT comes. In cluster mode this
  // tells the primary to leave this worker out; Node returns a connection
  // that is already on its way, and the primary gives it to another worker.
  for (const s of servers) {
    const handle = s._handle;
    const close = handle.close;
    close.call(handle);
    handle.close = () => {};
  }

  // 3. Wait for the connections to go. An idle one is closed after a while, and
  // only right after the loop has polled the kernel: a request that has arrived
  // has been read by then.
  const waiting = (socket, fresh) =>
    !socket.destroyed && !socket._httpMessage && socket.writableLength === 0 &&
    (!fresh || socket.bytesRead === 0); // active without an answer due: no byte yet, or half a request
  let closed = 0;
  const closeIdle = () => {
    for (const s of servers) {
      const list = connections(s);
      const active = new Set(list.active());
      for (const parser of list.all()) {
        if (parser.socket && waiting(parser.socket, active.has(parser))) {
          closed++;
          parser.socket.destroy();
        }
      }
    }
  };
  const open = () => servers.reduce((n, s) => n + (s._connections || 0), 0);
  // An event stream, or a connection that an HTTP server has handed to another protocol
  // (Upgrade), which has no parser any more.
  const streaming = () =>
    servers.reduce((n, s) => {
      const list = connections(s).all();
      const events = list.filter((p) => p.socket && p.socket._httpMessage && /^content-type: *text\/event-stream/im.test(p.socket._httpMessage._header));
      const upgraded = s.listenerCount('upgrade') > 0 ? (s._connections || 0) - list.length : 0;
      return n + events.length + upgraded;
    }, 0);

  // 4. Have the primary confirm. It reads a worker's messages in order, so that
  // when it answers one it has read all before it: the close, and the refusals of
  // connections that it had handed over meanwhile. And what it hands over it sends
  // before its answer. Two round trips, the second begun when the first is over,
  // therefore prove that no connection is under way in either direction; time
  // alone does not, on a busy host. Node's primary answers two messages. One makes it
  // take the worker for one that leaves, and never let it listen again; the other asks
  // for a socket, here for one at an address that is none: it cannot be bound, and
  // the error is the answer (lib/internal/cluster/primary.js, queryServer; UDP sockets
  // are bound at once, whatever the scheduling policy).
  const confirm = () =>
    new Promise((resolve) => {
      const seq = `pm2drill-${Math.random()}`;
      const answer = (message) => {
        if (!message || message.ack !== seq) return;
        process.removeListener('internalMessage', answer);
        resolve();
      };
      process.on('internalMessage', answer);
      process.send({ cmd: 'NODE_CLUSTER', act: 'queryServer', address: 'none', port: 0, addressType: 'udp4', index: 0, seq });
    });
  let confirmed = !clustered;
  if (clustered) confirm().then(confirm).then(() => { confirmed = true; });

  // 5. Listen again, under the same name: the primary then deals connections to this
  // worker again. The app's listeners do not learn of it. A worker that cannot is
  // better ended, for PM2 to start another.
  const resume = (s) => {
    const [, type, address, port] = /^(-?\d+):(.*):(-?\d+)$/.exec(s._connectionKey) || [];
    if (type === undefined) return process.exit(1);
    const kept = ['listening', 'error'].map((event) => [event, s.rawListeners(event)]);
    const restore = () => {
      for (const [event, listeners] of kept) {
        s.removeAllListeners(event);
        for (const l of listeners) s.on(event, l);
      }
    };
    for (const [event] of kept) s.removeAllListeners(event);
    s.once('error', () => process.exit(1));
    s.once('listening', restore);
    s._handle = null;
    if (type === '-1') s.listen({ path: address });
    else if (address === 'null') s.listen({ port: Number(port) });
    else s.listen({ port: Number(port), host: address });
  };

  // 6. The engine, as long as it lives.
  const line = net.connect(port, '127.0.0.1', () => line.write(`${token}\n`));
  let heard = begun;
  let over = false;
  const undo = () => {
    if (over) return;
    over = true;
    clearInterval(timer);
    line.destroy();
    for (const remove of added) remove();
    for (const s of servers) resume(s);
  };
  line.unref();
  line.on('data', () => { heard = Date.now(); });
  line.on('error', undo);
  line.on('close', undo);

  let emptySince = begun;
  let told = false;
  const timer = setInterval(() => {
    const now = Date.now();
    // What has arrived is read before the engine is taken for dead: this process may
    // itself have been busy.
    if (now - heard >= silence) setImmediate(() => { if (Date.now() - heard >= silence) undo(); });
    if (open() > 0 || !confirmed) emptySince = now;
    if (told) return;
    const left = streaming();
    const onlyStreams = left > 0 && left === open();
    if (now - emptySince >= linger || now - begun >= deadline || (onlyStreams && now - begun >= streams)) {
      told = true;
      line.write(`${JSON.stringify({ inFlight: open(), streams: left, idle: closed, confirmed })}\n`);
    } else if (now - begun >= idle) {
      setImmediate(closeIdle);
    }
  }, 20);
  return process.pid;
}
