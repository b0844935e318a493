#!/bin/sh
exec node engine.js
