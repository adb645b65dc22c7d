#!/usr/bin/env node
// What is run for `millrace`. A build puts `bundled.ts` in its place, see `.ci/bundle.mjs`.

import './program.js'
