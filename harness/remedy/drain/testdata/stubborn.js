'use strict';
// A server that does what drains trip over. Node, no PM2: node stubborn.js PORT
const http = require('http');

if (process.env.OWN_SIGUSR1) process.on('SIGUSR1', () => console.log('SIGUSR1 is mine'));

const server = http.createServer((req, res) => {
  const keep = { Connection: 'keep-alive', 'Content-Length': 2 };
  switch (req.url) {
    case '/set': // the header by setHeader
      res.setHeader('Connection', 'keep-alive');
      return res.end('ok');
    case '/object': // by writeHead
      res.writeHead(200, keep);
      return res.end('ok');
    case '/array': // by writeHead, as a flat list
      res.writeHead(200, 'fine', Object.entries(keep).flat());
      return res.end('ok');
    case '/pairs': // by writeHead, as a list of pairs
      res.writeHead(200, Object.entries(keep));
      return res.end('ok');
    case '/slow':
      return setTimeout(() => res.end('ok'), 3000);
    case '/forever':
      return res.write('and so on');
    case '/events': // an event stream, its type by writeHead
      res.writeHead(200, { 'Content-Type': 'text/event-stream' });
      setInterval(() => res.write('data: 1\n\n'), 100).unref();
      return;
  }
  res.end('ok');
});
server.on('upgrade', (req, socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n'));
server.listen(Number(process.argv[2]), '127.0.0.1', () => console.log('listening'));
