#!/bin/sh
# The module as `pm2 install` would start it: in its folder, with its configuration in
# a variable that has its name, which pmx lays over the defaults of its package.json.
cd node_modules/pm2-autoscale && exec env pm2-autoscale='{"max_workers": 6}' node index.js
