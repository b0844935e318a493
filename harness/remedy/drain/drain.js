// Runs in the worker with `this` = its listening servers. It empties the worker
// and leaves the process alive; PM2 ends it afterwards. All times in ms.
//
// Returns a promise of {inFlight, idle, confirmed}: what the deadline cut off, how
// many idle keep-alive connections were closed, and whether the primary has
// confirmed that it hands nothing over any more. The worker does not listen any
// more when this function returns, before the promise is settled.
function drain({ linger, idle, deadline, lease, clustered }) {
  const servers = this;
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
  for (const s of servers) {
    // 'request' is not emitted where the app answers these two events itself;
    // a listener of ours on them would switch off Node's own answer.
    for (const event of ['request', 'checkContinue', 'checkExpectation']) {
      if (event === 'request' || s.listenerCount(event) > 0) {
        s.prependListener(event, (_req, res) => last(res));
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

  // 4. Have the primary confirm. It reads a worker's messages in order, so that
  // when it answers one it has read all before it: the close, and the refusals of
  // connections that it had handed over meanwhile. And what it hands over it sends
  // before its answer. Two round trips, the second begun when the first is over,
  // therefore prove that no connection is under way in either direction; time
  // alone does not, on a busy host. The only message that Node's primary answers
  // and that changes nothing is this one: it notes that the worker leaves by choice.
  const confirm = () =>
    new Promise((resolve) => {
      const seq = `pm2drill-${Math.random()}`;
      const answer = (message) => {
        if (!message || message.ack !== seq) return;
        process.removeListener('internalMessage', answer);
        resolve();
      };
      process.on('internalMessage', answer);
      process.send({ cmd: 'NODE_CLUSTER', act: 'exitedAfterDisconnect', seq });
    });
  let confirmed = !clustered;
  if (clustered) confirm().then(confirm).then(() => { confirmed = true; });

  // A process whose drainer died would serve nobody for ever. Ended by itself,
  // it is PM2's to respawn.
  setTimeout(() => process.exit(1), lease);

  return new Promise((resolve) => {
    let emptySince = begun;
    const timer = setInterval(() => {
      const now = Date.now();
      if (open() > 0 || !confirmed) emptySince = now;
      if (now - emptySince >= linger || now - begun >= deadline) {
        clearInterval(timer);
        resolve({ inFlight: open(), idle: closed, confirmed });
      } else if (now - begun >= idle) {
        setImmediate(closeIdle);
      }
    }, 20);
  });
}
