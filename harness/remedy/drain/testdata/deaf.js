'use strict';
// A consumer that serves no network.
setInterval(() => {}, 1000);
