// An app with nothing wrong in it.
require('http').createServer((req, res) => res.end('ok')).listen(3000);
