// A primary that listens for a dead worker. The worker is killed while a connection
// is on its way to it, and something holds its channel open beyond its death, so that
// the kernel tells of that first. Prints "ghost" when there is one.
'use strict';
const cluster = require('cluster');
const net = require('net');
const { spawn } = require('child_process');
const port = +process.argv[2];

if (cluster.isPrimary) {
  cluster.schedulingPolicy = cluster.SCHED_RR;
  setInterval(() => {}, 1000); // stays, as a daemon does
  const worker = cluster.fork();
  worker.once('listening', () => {
    process.kill(worker.process.pid, 'SIGSTOP'); // it acknowledges nothing
    const conn = net.connect(port, '127.0.0.1');
    conn.once('connect', () => process.kill(worker.process.pid, 'SIGKILL'));
    const look = setInterval(() => {
      if (!worker.isDead() || worker.isConnected()) return;
      clearInterval(look);
      conn.destroy();
      console.log('ghost');
    }, 10);
  });
} else {
  spawn('sleep', ['0.3'], { stdio: ['ignore', 'ignore', 'ignore', 3], detached: true });
  net.createServer(() => {}).listen(port);
}
