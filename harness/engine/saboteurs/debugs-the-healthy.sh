#!/bin/sh
# Looks into a healthy worker by its debugger, and shuts that soon.
echo '{"type":"ready","engine":"debugs-the-healthy","capabilities":["detect"]}'
sleep 8
kill -USR1 "$(cat "$PM2_HOME/pids/$ENGINE_APP-0.pid")"
exec node -e '
  process.stdin.on("end", () => process.exit()).resume();
  const shut = (url) => {
    const socket = new WebSocket(url);
    const expression = "setTimeout(() => process.getBuiltinModule(\"inspector\").close(), 200)";
    socket.onopen = () => socket.send(JSON.stringify({ id: 1, method: "Runtime.evaluate", params: { expression } }));
    socket.onmessage = () => socket.close();
  };
  const open = setInterval(() => fetch("http://127.0.0.1:9229/json").then((answer) => answer.json()).then(([target]) => {
    clearInterval(open);
    shut(target.webSocketDebuggerUrl);
  }, () => {}), 200);
'
