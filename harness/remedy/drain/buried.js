// Runs in PM2's daemon. A worker that died with a connection on its way to it, not
// acknowledged, is owed a 'disconnect' that Node never emits (the channel's end waits
// for the acknowledgement, lib/internal/child_process.js, `disconnect`); where the
// kernel tells of its death before it tells of the channel's end, that event alone
// would take it off the list of those who share the port
// (lib/internal/cluster/primary.js). It is emitted here, for the dead alone.
(async () => {
  await null; // see evaluate
  const cluster = process.getBuiltinModule ? process.getBuiltinModule('cluster') : process.mainModule.require('cluster');
  const dead = Object.values(cluster.workers).filter((w) => w.isDead() && !w.isConnected());
  for (const w of dead) w.process.emit('disconnect');
  return dead.length;
})()
