// Runs in the worker, first of all, where the inspector was opened by us. Has it
// close by itself two seconds later, whatever becomes of us, and returns the pid.
//
// inspector.close() blocks the event loop until the last session has hung up, so
// that it must not be called while there is one. Only the kernel knows of them.
(async () => {
  await null; // see evaluate
  const key = Symbol.for('pm2drill.inspector');
  const need = (name) => (process.getBuiltinModule ? process.getBuiltinModule(name) : require(name));
  const [inspector, fs] = [need('inspector'), need('fs')];
  const port = new URL(inspector.url()).port;
  const local = `:${Number(port).toString(16).toUpperCase().padStart(4, '0')}`;
  const attached = () =>
    fs.readFileSync('/proc/self/net/tcp', 'latin1').split('\n').some((line) => {
      const [, address = '', , state] = line.trim().split(/\s+/);
      return address.endsWith(local) && state === '01'; // TCP_ESTABLISHED
    });
  const closeWhenAlone = () => {
    if (attached()) process[key].timer = setTimeout(closeWhenAlone, 500).unref();
    else process[key].close();
  };
  process[key] = {
    timer: setTimeout(closeWhenAlone, 2000).unref(),
    close() {
      clearTimeout(process[key].timer);
      delete process[key];
      inspector.close();
    },
  };
  return process.pid;
})()
