// Runs in the worker with `this` = the Map of listening handles that Node's
// cluster module keeps there (lib/internal/cluster/child.js, `handles`). Each
// handle names its net.Server under a symbol of Node's own. Listeners outside
// the cluster (`exclusive: true`) are ordinary active handles.
function servers() {
  const found = [...this.values()].flatMap((h) => Object.getOwnPropertySymbols(h).map((s) => h[s]));
  found.push(...process._getActiveHandles());
  const listens = (o) =>
    o && typeof o.getConnections === 'function' && typeof o.listen === 'function' && o._handle;
  return [...new Set(found.filter(listens))];
}
