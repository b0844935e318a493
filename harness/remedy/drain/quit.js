// Runs in the worker: closes the inspector once the client that asked has had
// time to hang up, for close() waits for open sessions.
setTimeout(() => {
  (process.getBuiltinModule ? process.getBuiltinModule('inspector') : require('inspector')).close();
}, 100);
