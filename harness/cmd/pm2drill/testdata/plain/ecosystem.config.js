module.exports = {
  apps: [{ name: 'app', script: 'server.js', instances: 4, exec_mode: 'cluster', max_restarts: 5, restart_delay: 200, min_uptime: '10s' }],
};
