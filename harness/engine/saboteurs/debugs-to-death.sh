#!/bin/sh
# Heals, and has two healthy workers end themselves by the debugger, with an exit code of
# their own.
. ./trouble.sh
kill -KILL $culprits
sleep 2
exec node -e '
  const fs = require("fs"), { setTimeout: pause } = require("timers/promises");
  process.stdin.on("end", () => process.exit()).resume();
  const debuggers = () => fetch("http://127.0.0.1:9229/json/list").then((r) => r.json(), () => []);
  const end = async (id) => {
    process.kill(Number(fs.readFileSync(`${process.env.PM2_HOME}/pids/${process.env.ENGINE_APP}-${id}.pid`)), "SIGUSR1");
    let found = [];
    while ((found = await debuggers()).length === 0) await pause(100);
    const socket = new WebSocket(found[0].webSocketDebuggerUrl);
    socket.onopen = () => socket.send(JSON.stringify({ id: 1, method: "Runtime.evaluate", params: { expression: "process.exit(1)" } }));
    await pause(1000);
    socket.close(); // it waits for that before it ends
    while ((await debuggers()).length > 0) await pause(100);
  };
  (async () => { await end(1); await end(2); })();
'
