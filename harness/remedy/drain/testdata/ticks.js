'use strict';
// A server whose process goes on living when nobody is connected to it any more: it
// has a timer, as an app with a pool of connections has.
setInterval(() => {}, 1000);
require('http').createServer((req, res) => res.end('ok')).listen(Number(process.env.PORT));
