// A small app: it listens on PORT, says its pid, takes a second over /slow, and waits
// for its requests when it is asked to end, and LINGER ms longer, for connections that
// PM2's daemon is handing over.
const http = require('http');
const server = http.createServer((req, res) => {
  res.setHeader('Connection', 'close');
  setTimeout(() => res.end(String(process.pid)), req.url === '/slow' ? 1000 : 0);
});
const end = () => server.close(() => setTimeout(() => process.exit(0), +process.env.LINGER || 0));
if (!process.env.DEAF) process.on('SIGINT', end);
process.on('message', (m) => m === 'shutdown' && end());
setTimeout(() => server.listen(+process.env.PORT || 4100, () => process.send && process.send('ready')), +process.env.BOOT || 0);
