"""franz-go's own test of transactional chains: groups that consume, transform and produce, members that come and go.

Six chains (balancers, both group protocols, static members) read what a transactional producer writes. Each must see
every record once.
"""

import os
import re

from processes import Process, fail, say

TIMEOUT_S = 1500
RECORDS = {'quick': 50_000, 'full': 500_000}


def run(options, broker):
    broker.start()
    environment = {**os.environ, 'KGO_SEEDS': options.bootstrap, 'KGO_TEST_RF': '1', 'KGO_LOG_LEVEL': 'none',
                   'KGO_TEST_RECORDS': str(RECORDS[options.size])}
    test = Process([os.environ['FRANZ_GO_TEST'], '-test.run', '^TestTxnEtl$', '-test.v', '-test.timeout', f'{TIMEOUT_S}s'],
                   os.path.join(options.directory, 'etl.log'))
    test.start(env=environment, cwd=options.directory)
    try:
        code = test.process.wait(timeout=TIMEOUT_S + 60)
    finally:
        test.kill()
    with open(test.log_path, encoding='utf-8', errors='replace') as lines:
        results = [line.strip() for line in lines if re.match(r'\s*--- (PASS|FAIL|SKIP)', line)]
    for result in results:
        say(result)
    problems = [] if code == 0 else [f'the test failed; see {test.log_path}']
    stopped = broker.stop()
    if stopped not in (0, 143):
        problems.append(f'the broker ended with {stopped}')
    say(f'{RECORDS[options.size]} records through each of {len(results) - 1} chains')
    fail(problems)
