// An app that has nothing to do with what is tried.
require('http').createServer((req, res) => res.end('ok')).listen(4990, '127.0.0.1');
