'use strict';
// A server that speaks TLS alone.
const fs = require('fs');
require('https')
  .createServer({ cert: fs.readFileSync(process.env.CERT), key: fs.readFileSync(process.env.KEY) }, (req, res) => setTimeout(() => res.end('ok'), 20))
  .listen(Number(process.env.PORT));
