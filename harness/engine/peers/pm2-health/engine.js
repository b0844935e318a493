'use strict'; // The module as `pm2 install` would start it, and a mail server for it.
const { spawn } = require('child_process'), net = require('net'), readline = require('readline');

// The server takes every mail, prints its subject, and delivers nothing.
const server = net.createServer((client) => {
  const say = (line) => client.write(`${line}\r\n`);
  let inside = false; // a mail
  say('220 localhost');
  client.on('error', () => {}); // who hangs up has nothing more to say
  readline.createInterface({ input: client }).on('line', (line) => {
    if (inside) {
      if (line.startsWith('Subject:')) console.log(line);
      if (line !== '.') return;
      inside = false;
      say('250 taken');
    } else if (line.startsWith('DATA')) {
      inside = true;
      say('354 go on');
    } else if (line.startsWith('QUIT')) {
      client.end('221 bye\r\n');
    } else {
      say('250 fine');
    }
  });
});

// The configuration is in a variable that has the module's name, which pmx lays over
// the defaults of its package.json. The module wants its folder for the mail's template.
server.listen(0, '127.0.0.1', () => {
  const smtp = { host: '127.0.0.1', port: server.address().port, from: 'pm2@localhost' };
  spawn('node', ['App.js'], {
    cwd: 'node_modules/pm2-health', stdio: 'inherit',
    env: { ...process.env, 'pm2-health': JSON.stringify({ smtp, mailTo: 'operator@localhost' }) },
  }).on('exit', (code) => process.exit(code ?? 1));
});
