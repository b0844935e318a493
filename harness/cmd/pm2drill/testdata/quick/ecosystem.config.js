module.exports = { apps: [{ name: 'quick', script: './server.js', exec_mode: 'cluster', instances: 2 }] };
